// SPDX-License-Identifier: Apache-2.0
#include "keys/rotate.hpp"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "strata/format/bundle/new_keys.hpp"

#include "devices/certify_test.hpp"
#include "support/key_chain.hpp"
#include "support/test_bed.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

using bundle::NewKeysBody;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kFleet = "00112233445566778899aabbccddeeff";

std::string MakeCaPem() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pem;
}

/// A cloud that knows the rotation key and keeps a chain.
class Rotate : public TestBed {
 protected:
  Rotate() {
    SignInByEnvironment();
    Generate("rotation", "r.pem");
    Generate("signing", "s.pem");
    cloud_.handler = [this](const HttpRequest& request) { return Serve(request); };
  }

  void Generate(const std::string& type, const std::string& name) {
    EXPECT_EQ(Run({"keys", "generate", type, "--out", Path(name)}), 0) << err_;
  }

  KeyId IdOf(KeyType type, const std::string& name) {
    return bundle::KeyIdOf(type, *bundle::PublicKeyFromPem(Read(Path(name + ".pub"))));
  }

  Expected<HttpResponse> Serve(const HttpRequest& request) {
    const std::string number = std::to_string(chain_.size());
    if (request.method == "POST") {
      chain_.push_back(request.upload->content.value_or("(a file)"));
      return HttpResponse{201,
                          R"({"sequence":)" + std::to_string(chain_.size()) +
                              R"(,"hash":"sha256:00","encoded_bytes":"AAAA"})"};
    }
    if (request.path.starts_with("/v1/Keys/")) {
      return HttpResponse{known_ ? 200 : 404,
                          known_ ? R"({"account_sid":")" + std::string(kAccount) + "\"}"
                                 : std::string(R"({"code":20404,"message":"not found"})")};
    }
    if (request.path.starts_with("/v1/KeyChanges?")) {
      return HttpResponse{200,
                          chain_.empty() ? R"({"key_changes":[],"meta":{}})"
                                         : R"({"key_changes":[{"sequence":)" + number + "}]}"};
    }
    if (!chain_.empty() && request.path == "/v1/KeyChanges/" + number) {
      return HttpResponse{200,
                          R"({"sequence":)" + number + R"(,"encoded_bytes":")" +
                              ToBase64(AsBytes(chain_.back())) + "\"}"};
    }
    return HttpResponse{404, R"({"code":20404,"message":"not found"})"};
  }

  /// The body of the message, which the world's rotation key must have signed.
  NewKeysBody Open(const std::string& message) {
    const auto sealed = bundle::ParseNewKeys(AsBytes(message));
    EXPECT_TRUE(sealed.ok());
    EXPECT_TRUE(
        bundle::VerifyNewKeys(*sealed, *bundle::PublicKeyFromPem(Read(Path("r.pem.pub")))).ok());
    return *bundle::ParseNewKeysBody(sealed->body);
  }

  int RunRotate(const std::vector<std::string>& more) {
    std::vector<std::string> all = {"keys", "rotate", "--rotation-key", Path("r.pem")};
    all.insert(all.end(), more.begin(), more.end());
    return Run(all);
  }

  std::vector<std::string> chain_;
  bool known_ = true;
};

TEST_F(Rotate, SendsTheFirstAndThenTheNextMessage) {
  ASSERT_EQ(RunRotate({"--add-signer", Path("s.pem.pub")}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("sha256:00"));
  ASSERT_THAT(chain_, SizeIs(1));
  const NewKeysBody first = Open(chain_.at(0));
  EXPECT_EQ(first.sequence, 1U);
  EXPECT_FALSE(first.previous_hash.has_value());
  EXPECT_EQ(HexText(first.fleet), kFleet);
  EXPECT_THAT(first.add_signers, SizeIs(1));
  const std::string id = bundle::KeyIdText(IdOf(KeyType::kManifestSigner, "s.pem"));
  ASSERT_EQ(RunRotate({"--delete-signer", id, "--delete-layer-key", "00000000000000AB"}), 0);
  const NewKeysBody second = Open(chain_.at(1));
  EXPECT_EQ(second.sequence, 2U);
  EXPECT_EQ(second.previous_hash, bundle::Sha256(bundle::SerializeNewKeysBody(first)));
  EXPECT_THAT(second.delete_signers, ElementsAre(IdOf(KeyType::kManifestSigner, "s.pem")));
  EXPECT_THAT(second.delete_layer_keys, ElementsAre(static_cast<KeyId>(0xab)));
}

TEST_F(Rotate, LayerKeys_AreSealedToEachReceiver) {
  Generate("layer", "l.pem");
  Generate("receiver", "v.pem");
  Generate("receiver", "w.pem");
  ASSERT_EQ(RunRotate({"--add-layer-key",
                       Path("l.pem"),
                       "--receiver",
                       Path("v.pem.pub"),
                       "--receiver",
                       Path("w.pem.pub")}),
            0)
      << err_;
  const NewKeysBody body = Open(chain_.at(0));
  ASSERT_THAT(body.add_layer_keys, SizeIs(2));
  for (const std::size_t i : {0U, 1U}) {
    const auto receiver = bundle::PrivateKey::FromPem(Read(Path(i == 0 ? "v.pem" : "w.pem")));
    const auto opened = bundle::UnwrapLayerKey(body.add_layer_keys[i], *receiver, body.fleet, 1);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->public_key(), *bundle::PublicKeyFromPem(Read(Path("l.pem.pub"))));
  }
}

TEST_F(Rotate, CloudCas_AreTakenAsDer) {
  const std::string ca = Write("ca.pem", MakeCaPem());
  const std::string two = Write("two.pem", Read(ca) + MakeCaPem());
  EXPECT_EQ(RunRotate({"--cloud-ca", two}), 81);
  EXPECT_EQ(RunRotate({"--cloud-ca", Path("s.pem.pub")}), 81);
  EXPECT_THAT(chain_, IsEmpty());
  ASSERT_EQ(RunRotate({"--cloud-ca", ca, "--cloud-ca", Write("n.pem", MakeCaPem())}), 0);
  const NewKeysBody body = Open(chain_.at(0));
  ASSERT_THAT(body.cloud_cas, SizeIs(2));
  EXPECT_EQ(body.cloud_cas[0], *bundle::CloudCaFromPem(Read(ca)));
}

TEST_F(Rotate, Out_WritesInsteadOfSending_AndApplySends) {
  ASSERT_EQ(RunRotate({"--add-signer", Path("s.pem.pub"), "--out", Path("m.bin"), "-o", "json"}),
            0);
  EXPECT_THAT(out_, HasSubstr("\"sequence\": 1"));
  EXPECT_THAT(chain_, IsEmpty());
  EXPECT_EQ(RunRotate({"--add-signer", Path("s.pem.pub"), "--out", Path("m.bin")}), 10)
      << "a file that is there stays";
  ASSERT_EQ(Run({"keys", "apply", Path("m.bin")}), 0) << err_;
  EXPECT_THAT(chain_, ElementsAre(Read(Path("m.bin"))));
  EXPECT_EQ(Open(chain_.at(0)).add_signers.size(), 1U);
}

TEST_F(Rotate, Apply_WhatIsNoMessage_IsNeverSent) {
  EXPECT_EQ(Run({"keys", "apply", Write("junk", "junk")}), 44);
  EXPECT_THAT(err_, HasSubstr("440 NewKeysMalformed"));
  EXPECT_EQ(Run({"keys", "apply", Path("missing")}), 10);
  EXPECT_THAT(cloud_.requests, IsEmpty());
}

TEST_F(Rotate, Offline_AsksNoCloud) {
  env_.erase("STRATA_URL");
  const std::string hash(64, 'a');
  ASSERT_EQ(RunRotate({"--add-signer",
                       Path("s.pem.pub"),
                       "--out",
                       Path("m.bin"),
                       "--sequence",
                       "7",
                       "--previous-hash",
                       "sha256:" + hash,
                       "--fleet",
                       kAccount}),
            0)
      << err_;
  const NewKeysBody body = Open(Read(Path("m.bin")));
  EXPECT_EQ(body.sequence, 7U);
  EXPECT_EQ(HexText(body.previous_hash->bytes), hash);
  EXPECT_EQ(HexText(body.fleet), kFleet);
  ASSERT_EQ(RunRotate({"--add-signer",
                       Path("s.pem.pub"),
                       "--out",
                       Path("n.bin"),
                       "--sequence",
                       "1",
                       "--fleet",
                       kFleet}),
            0)
      << err_;
  EXPECT_THAT(cloud_.requests, IsEmpty());
}

TEST_F(Rotate, WrongUsage_SaysWhatIsMissing) {
  const std::string pub = Path("s.pem.pub");
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"--add-layer-key", Path("s.pem")},
      {"--receiver", pub, "--add-signer", pub},
      {"--add-signer", pub, "--sequence", "1", "--fleet", kFleet},
      {"--add-signer", pub, "--sequence", "2", "--fleet", kFleet, "--out", Path("m")},
      {"--add-signer", pub, "--sequence", "0", "--fleet", kFleet, "--out", Path("m")},
      {"--add-signer", pub, "--fleet", kFleet, "--out", Path("m")},
      {"--add-signer", pub, "--sequence", "1", "--fleet", "UV", "--out", Path("m")},
      {"--add-signer",
       pub,
       "--sequence",
       "2",
       "--fleet",
       kFleet,
       "--previous-hash",
       "00",
       "--out",
       Path("m")},
  };
  for (const auto& arguments : wrong) {
    EXPECT_EQ(RunRotate(arguments), 1) << testing::PrintToString(arguments);
    EXPECT_THAT(err_, HasSubstr("error: ")) << testing::PrintToString(arguments);
  }
  EXPECT_EQ(Run({"keys", "rotate", "--add-signer", pub}), 1);
  EXPECT_THAT(chain_, IsEmpty());
}

TEST_F(Rotate, PublicHalves_AreAskedForWhereTheyBelong) {
  EXPECT_EQ(RunRotate({"--add-signer", Path("s.pem")}), 81) << "a private key is not sent";
  EXPECT_EQ(Run({"keys",
                 "rotate",
                 "--rotation-key",
                 Path("r.pem.pub"),
                 "--add-signer",
                 Path("s.pem.pub")}),
            81);
  EXPECT_THAT(chain_, IsEmpty());
}

TEST_F(Rotate, UnregisteredRotationKey_SaysHowToRegister) {
  known_ = false;
  EXPECT_EQ(RunRotate({"--add-signer", Path("s.pem.pub")}), 44);
  EXPECT_THAT(err_, HasSubstr("strata keys register PUB.pem --type rotation"));
}

TEST_F(Rotate, ChainThatLies_IsNotContinued) {
  ASSERT_EQ(RunRotate({"--add-signer", Path("s.pem.pub")}), 0);
  const std::string good = chain_.at(0);
  chain_ = {good, good};  // the cloud says 2, the message 1
  EXPECT_EQ(RunRotate({"--add-signer", Path("s.pem.pub")}), 60);
  chain_ = {"junk"};
  EXPECT_EQ(RunRotate({"--add-signer", Path("s.pem.pub")}), 44);
  NewKeysBody other;
  other.sequence = 1;
  const auto rotation = bundle::PrivateKey::FromPem(Read(Path("r.pem")));
  const auto message = bundle::SignNewKeys(other, *rotation).value();
  chain_ = {std::string(AsText(message))};
  EXPECT_EQ(RunRotate({"--add-signer", Path("s.pem.pub")}), 44);
  EXPECT_THAT(err_, HasSubstr("442 NewKeysOtherFleet"));
  EXPECT_THAT(chain_, SizeIs(1));
}

TEST_F(Rotate, Revoke_ByIdOrFile_DeletesTheSigner) {
  const KeyId id = IdOf(KeyType::kManifestSigner, "s.pem");
  for (const std::string& key : {bundle::KeyIdText(id), Path("s.pem.pub"), Path("s.pem")}) {
    chain_.clear();
    ASSERT_EQ(Run({"keys", "revoke", key, "--rotation-key", Path("r.pem")}), 0) << err_;
    EXPECT_THAT(Open(chain_.at(0)).delete_signers, ElementsAre(id));
  }
  EXPECT_EQ(Run({"keys", "revoke", "nothing", "--rotation-key", Path("r.pem")}), 10);
}

TEST_F(Rotate, Changes_ShowTheChainAndTheDevices) {
  cloud_.handler = nullptr;
  cloud_.Answer(200,
                R"({"key_changes":[{"sequence":2,"hash":"sha256:01",)"
                R"("devices":{"total":3,"current":1,"refused":2}}],"meta":{}})");
  ASSERT_EQ(Run({"keys", "changes", "-o", "tsv"}), 0);
  EXPECT_EQ(out_,
            "sequence\thash\tdevicesCurrent\tdevicesRefused\tdevicesTotal\tdateCreated\n"
            "2\tsha256:01\t1\t2\t3\t\n");
}

TEST(DecodeBase64, TakesExactlyBase64) {
  EXPECT_EQ(*DecodeBase64("AAEC"), (std::vector<std::uint8_t>{0, 1, 2}));
  EXPECT_EQ(*DecodeBase64("AA=="), (std::vector<std::uint8_t>{0}));
  EXPECT_TRUE(DecodeBase64("")->empty());
  EXPECT_FALSE(DecodeBase64("AAE").has_value());
  EXPECT_FALSE(DecodeBase64("A*==").has_value());
}

}  // namespace
}  // namespace strata::cli
