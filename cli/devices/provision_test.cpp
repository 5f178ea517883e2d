// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "strata/format/bundle/keys.hpp"
#include "strata/format/bundle/new_keys.hpp"

#include "devices/certify_test.hpp"
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Provision : public TestBed {
 protected:
  Provision() {
    SignInByEnvironment();
    cloud_.handler = [this](const HttpRequest& request) -> Expected<HttpResponse> {
      if (request.method == "GET") {
        return HttpResponse{
            200, request.path.find('?') != std::string::npos ? key_changes_ : key_change_};
      }
      const std::string certificate = Certify(FormValue(request, "Csr"));
      return HttpResponse{201,
                          R"({"sid":")" + std::string(kSid) + R"(","account_sid":")" + kAccount +
                              R"(","unique_name":null,"certificate":")" + Escaped(certificate) +
                              R"(","ca_certificate":")" + Escaped(certificate) +
                              R"(","device_url":")" + device_url_ + R"(","development_signer":)" +
                              development_signer_ + "}"};
    };
  }

  std::string Signer() {
    EXPECT_EQ(Run({"keys", "generate", "signing", "--out", Path("s.pem"), "--force"}), 0);
    return Path("s.pem.pub");
  }

  /// A chain whose newest message, number 3, is signed by `signer`.
  Digest MakeChain(const bundle::PrivateKey& signer, const bundle::FleetId& fleet) {
    bundle::NewKeysBody body;
    body.sequence = 3;
    body.previous_hash = Digest{};
    body.fleet = fleet;
    const auto message = bundle::SignNewKeys(body, signer).value();
    key_changes_ = R"({"key_changes":[{"sequence":3}],"meta":{}})";
    key_change_ = R"({"sequence":3,"encoded_bytes":")" + ToBase64(message) + "\"}";
    return bundle::Sha256(bundle::SerializeNewKeysBody(body));
  }

  int RunProvision() {
    return Run({"devices",
                "provision",
                "--out",
                Path("dev"),
                "--signer",
                Signer(),
                "--rotation-key",
                Path("r.pem.pub")});
  }

  std::string device_url_ = "https://127.0.0.1:9443";
  std::string development_signer_ = "null";
  std::string key_changes_ = R"({"key_changes":[],"meta":{}})";
  std::string key_change_;
};

TEST_F(Provision, WritesTheDirectoryOfTheSpecificationForTheOwnerOnly) {
  const std::string signer = Signer();
  ASSERT_EQ(Run({"keys", "generate", "layer", "--out", Path("l.pem")}), 0);
  ASSERT_EQ(Run({"keys", "generate", "rotation", "--out", Path("r.pem")}), 0);
  ASSERT_EQ(Run({"keys", "generate", "receiver", "--out", Path("v.pem")}), 0);
  const std::filesystem::path device = dir_ / "dev";
  ASSERT_EQ(Run({"devices",
                 "provision",
                 "--out",
                 device.string() + "/",
                 "--signer",
                 signer,
                 "--layer-key",
                 Path("l.pem"),
                 "--rotation-key",
                 Path("r.pem.pub"),
                 "--receiver-key",
                 Path("v.pem"),
                 "--hardware",
                 "mps2-an505",
                 "--unique-name",
                 "one"}),
            0)
      << err_;
  EXPECT_THAT(out_, HasSubstr(kSid));
  EXPECT_EQ(cloud_.requests.at(0).path, "/v1/KeyChanges?PageSize=1");
  EXPECT_EQ(FormValue(cloud_.requests.at(1), "Hardware"), "mps2-an505");
  EXPECT_EQ(FormValue(cloud_.requests.at(1), "UniqueName"), "one");
  EXPECT_EQ(Read(device / "device.conf"),
            "version=1\nsid=" + std::string(kSid) +
                "\ndevice_url=https://127.0.0.1:9443\nhardware=mps2-an505\ndevelopment=no\n");
  const auto identity = bundle::PrivateKey::FromPem(Read(device / "identity.pem"));
  EXPECT_TRUE(identity.ok());
  EXPECT_THAT(Read(device / "identity.crt"), HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_THAT(Read(device / "ca.pem"), HasSubstr("BEGIN CERTIFICATE"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(device)) {
    EXPECT_EQ(ModeOf(entry.path()), entry.is_directory() ? 0700U : 0600U) << entry.path();
  }
  EXPECT_EQ(ModeOf(device), 0700U);
  const auto key = bundle::PublicKeyFromPem(Read(Path("s.pem.pub")));
  const std::string id = bundle::KeyIdText(bundle::KeyIdOf(KeyType::kManifestSigner, *key));
  EXPECT_EQ(Read(device / "seed" / "signers" / (id + ".pem")), Read(Path("s.pem.pub")));
  EXPECT_FALSE(std::filesystem::is_empty(device / "seed" / "layer-keys"));
  EXPECT_FALSE(std::filesystem::is_empty(device / "seed" / "rotation"));
  EXPECT_EQ(Read(device / "seed" / "receiver.pem"), Read(Path("v.pem")));
  EXPECT_EQ(Read(device / "seed" / "fleet.conf"),
            "fleet_id=00112233445566778899aabbccddeeff\nsequence=0\nlast_hash=" +
                std::string(64, '0') + "\n");
}

TEST_F(Provision, WithAChain_StartsAtItsNewestMessage) {
  ASSERT_EQ(Run({"keys", "generate", "rotation", "--out", Path("r.pem")}), 0);
  const auto rotation = bundle::PrivateKey::FromPem(Read(Path("r.pem")));
  bundle::FleetId fleet{};
  ASSERT_TRUE(FromHex("00112233445566778899aabbccddeeff", fleet));
  const Digest hash = MakeChain(*rotation, fleet);
  ASSERT_EQ(RunProvision(), 0) << err_;
  const auto hex = hash.ToHexText();
  EXPECT_EQ(Read(dir_ / "dev" / "seed" / "fleet.conf"),
            "fleet_id=00112233445566778899aabbccddeeff\nsequence=3\nlast_hash=" +
                std::string(hex.data(), hex.size()) + "\n");
}

TEST_F(Provision, ChainThatNoGivenKeySigned_IsRefusedBeforeTheCloudKnowsTheDevice) {
  ASSERT_EQ(Run({"keys", "generate", "rotation", "--out", Path("r.pem")}), 0);
  bundle::FleetId fleet{};
  ASSERT_TRUE(FromHex("00112233445566778899aabbccddeeff", fleet));
  MakeChain(std::move(bundle::PrivateKey::Generate()).value(), fleet);
  EXPECT_EQ(RunProvision(), 44);
  EXPECT_THAT(err_, HasSubstr("443 RotationKeyUnknown"));
  for (const HttpRequest& request : cloud_.requests) {
    EXPECT_EQ(request.method, "GET");
  }
  // Of another fleet: known only when the cloud says whose the device is. No directory is left.
  const auto rotation = bundle::PrivateKey::FromPem(Read(Path("r.pem")));
  MakeChain(*rotation, bundle::FleetId{});
  EXPECT_EQ(RunProvision(), 44);
  EXPECT_THAT(err_, HasSubstr("442 NewKeysOtherFleet"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "dev"));
}

TEST_F(Provision, Tags_GoWithTheRequest) {
  const std::vector<std::string> provision = {
      "devices", "provision", "--out", Path("dev"), "--signer", Signer(), "--tag", "left wall"};
  std::vector<std::string> with_comma = provision;
  with_comma.insert(with_comma.end(), {"--tag", "a,b"});
  EXPECT_EQ(Run(with_comma), 1);
  EXPECT_TRUE(cloud_.requests.empty());
  std::vector<std::string> two = provision;
  two.insert(two.end(), {"--tag", "lab"});
  ASSERT_EQ(Run(two), 0) << err_;
  EXPECT_EQ(FormValue(cloud_.requests.at(0), "Tags"), "left wall,lab");
}

TEST_F(Provision, WithoutRotationKeys_AsksForNoChainAndWritesNoFleet) {
  ASSERT_EQ(Run({"devices", "provision", "--out", Path("dev"), "--signer", Signer()}), 0);
  EXPECT_EQ(cloud_.requests.size(), 1U);
  EXPECT_EQ(FormValue(cloud_.requests.at(0), "Tags"), "(absent)");
  EXPECT_FALSE(std::filesystem::exists(dir_ / "dev" / "seed" / "fleet.conf"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "dev" / "seed" / "receiver.pem"));
}

TEST_F(Provision, ThePrivateKey_StaysHere) {
  ASSERT_EQ(Run({"devices", "provision", "--out", Path("dev"), "--signer", Signer()}), 0);
  for (const auto& [name, value] : cloud_.requests.at(0).form) {
    EXPECT_THAT(value, Not(HasSubstr("PRIVATE"))) << name;
  }
}

TEST_F(Provision, Development_IsAskedForAndWrittenDown) {
  ASSERT_EQ(
      Run({"devices", "provision", "--out", Path("dev"), "--signer", Signer(), "--development"}),
      0);
  EXPECT_EQ(FormValue(cloud_.requests.at(0), "Development"), "true");
  EXPECT_THAT(Read(dir_ / "dev" / "device.conf"), HasSubstr("development=yes"));
  EXPECT_THAT(err_, HasSubstr("the account has no development key"));
}

TEST_F(Provision, DevelopmentSigner_IsTrustedOnlyByADeviceForDevelopmentAndSaidSo) {
  const std::string signer = Signer();
  const auto key = std::move(bundle::PrivateKey::Generate()).value();
  const std::string pem = bundle::PublicKeyToPem(key.public_key()).value();
  const std::string id =
      bundle::KeyIdText(bundle::KeyIdOf(KeyType::kManifestSigner, key.public_key()));
  development_signer_ = '"' + Escaped(pem) + '"';
  const auto signers = [this](const std::string& device) {
    const std::filesystem::directory_iterator all(dir_ / device / "seed" / "signers");
    return std::distance(all, std::filesystem::directory_iterator());
  };
  ASSERT_EQ(Run({"devices", "provision", "--out", Path("p"), "--signer", signer}), 0);
  EXPECT_EQ(signers("p"), 1) << "a cloud that offers it to others is not believed";
  EXPECT_THAT(err_, Not(HasSubstr(id)));
  ASSERT_EQ(Run({"devices", "provision", "--out", Path("d"), "--signer", signer, "--development"}),
            0);
  EXPECT_THAT(err_, HasSubstr("development key " + id + ", which the cloud holds"));
  EXPECT_THAT(out_, Not(HasSubstr("PUBLIC KEY")));
  EXPECT_EQ(signers("d"), 2);
  EXPECT_EQ(Read(dir_ / "d" / "seed" / "signers" / (id + ".pem")), pem);
  development_signer_ = "\"rubbish\"";
  EXPECT_NE(Run({"devices", "provision", "--out", Path("x"), "--signer", signer, "--development"}),
            0);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "x"));
}

TEST_F(Provision, DirectoryExists_IsRefusedBeforeTheCloudKnows) {
  const std::string signer = Signer();
  std::filesystem::create_directory(dir_ / "dev");
  EXPECT_EQ(Run({"devices", "provision", "--out", Path("dev"), "--signer", signer}), 10);
  EXPECT_TRUE(cloud_.requests.empty());
}

TEST_F(Provision, NoSignerAtAll_IsRefused) {
  EXPECT_EQ(Run({"devices", "provision", "--out", Path("dev")}), 10);
  EXPECT_THAT(err_, HasSubstr("--signer"));
  EXPECT_TRUE(cloud_.requests.empty());
}

TEST_F(Provision, WrongKindOfKeyFile_IsRefused) {
  const std::string signer = Signer();
  EXPECT_EQ(Run({"devices", "provision", "--out", Path("dev"), "--signer", Path("s.pem")}), 81);
  EXPECT_EQ(Run({"devices",
                 "provision",
                 "--out",
                 Path("dev"),
                 "--signer",
                 signer,
                 "--layer-key",
                 signer}),
            81);
  EXPECT_TRUE(cloud_.requests.empty());
}

TEST_F(Provision, CloudRefusesOrAnswersNonsense_LeavesNothing) {
  const std::string signer = Signer();
  cloud_.handler = nullptr;
  cloud_.Answer(409, R"({"code":20409,"message":"name taken","status":409})");
  EXPECT_EQ(Run({"devices", "provision", "--out", Path("dev"), "--signer", signer}), 20);
  cloud_.Answer(201, R"({"sid":"UV1"})");
  EXPECT_EQ(Run({"devices", "provision", "--out", Path("dev"), "--signer", signer}), 60);
  EXPECT_THAT(Names(), ElementsAre("s.pem", "s.pem.pub"));
}

TEST_F(Provision, DeviceUrlThatWouldAddLines_IsRefused) {
  device_url_ = "https://x\\nsid=UVevil";
  EXPECT_EQ(Run({"devices", "provision", "--out", Path("dev"), "--signer", Signer()}), 60);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "dev"));
}

TEST_F(Provision, CertificateOfAnotherKey_IsRefused) {
  const std::string signer = Signer();
  std::string other;
  const auto issue = cloud_.handler;
  cloud_.handler = [&other, issue](const HttpRequest& request) -> Expected<HttpResponse> {
    if (other.empty()) {
      other = issue(request).value().body;
    }
    return HttpResponse{201, other};
  };
  ASSERT_EQ(Run({"devices", "provision", "--out", Path("dev"), "--signer", signer}), 0);
  EXPECT_EQ(Run({"devices", "provision", "--out", Path("dev2"), "--signer", signer}), 70);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "dev2"));
}

}  // namespace
}  // namespace strata::cli
