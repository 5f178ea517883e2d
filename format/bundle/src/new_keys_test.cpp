// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/new_keys.hpp"

#include <cstdlib>
#include <functional>
#include <memory>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <strata_protobuf/bundle.pb.h>

#include "strata/format/bundle/manifest.hpp"

#include "bundles_for_test.hpp"

namespace strata::bundle {
namespace {

namespace pb = ::bundle;

// RFC 9180 A.3.1: skEm. Published, so no secret.
PrivateKey PublishedReceiver() {
  return KeyOf("4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb");
}

FleetId SomeFleet() {
  FleetId fleet{};
  for (std::size_t i = 0; i < fleet.size(); ++i) {
    fleet[i] = static_cast<std::uint8_t>(17 * i);
  }
  return fleet;
}

NewKeysBody FirstBody() {
  NewKeysBody body;
  body.delete_signers = {static_cast<KeyId>(0x0123456789abcdef)};
  body.delete_layer_keys = {static_cast<KeyId>(0xfedcba9876543210)};
  body.add_signers = {PublishedLayerKey().public_key()};
  body.add_layer_keys = {
      *WrapLayerKey(PublishedLayerKey(), PublishedReceiver().public_key(), SomeFleet(), 1)};
  body.sequence = 1;
  body.fleet = SomeFleet();
  return body;
}

/// Behind the message `first`.
NewKeysBody SecondBody(ByteSpan first) {
  NewKeysBody body;
  body.delete_signers = {KeyIdOf(KeyType::kManifestSigner, PublishedLayerKey().public_key())};
  body.sequence = 2;
  body.previous_hash = Sha256(ParseNewKeys(first)->body);
  body.fleet = SomeFleet();
  return body;
}

Bytes Golden(const std::string& name, ByteSpan made) {
  if (const char* folder = std::getenv("STRATA_GOLDEN_OUT")) {
    std::ofstream(std::string(folder) + "/" + name, std::ios::binary) << AsText(made);
  }
  return ReadTestFile("tests/golden/new-keys-v1/" + name);
}

TEST(NewKeysGolden, Messages_AreMadeAgainToTheByte) {
  const Bytes first = *SignNewKeys(FirstBody(), PublishedKey());
  EXPECT_EQ(HexText(first), HexText(Golden("message-1.bin", first)));
  const Bytes second = *SignNewKeys(SecondBody(first), PublishedKey());
  EXPECT_EQ(HexText(second), HexText(Golden("message-2.bin", second)));
}

TEST(NewKeysGolden, Messages_AreReadVerifiedAndOpened) {
  const Bytes bytes = ReadTestFile("tests/golden/new-keys-v1/message-1.bin");
  const auto message = ParseNewKeys(bytes);
  ASSERT_TRUE(message) << message.failure().message;
  EXPECT_TRUE(VerifyNewKeys(*message, PublishedKey().public_key()));
  const auto body = ParseNewKeysBody(message->body);
  ASSERT_TRUE(body) << body.failure().message;
  EXPECT_EQ(*body, FirstBody());
  const auto opened =
      UnwrapLayerKey(body->add_layer_keys.at(0), PublishedReceiver(), SomeFleet(), 1);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(Equal(opened->scalar(), PublishedLayerKey().scalar()));
}

class NewKeysMessage : public testing::Test {
 protected:
  /// What the parser says about the body after `edit`.
  static Code BodyCode(const std::function<void(pb::NewKeysBody&)>& edit) {
    pb::NewKeysBody body;
    const Bytes good = SerializeNewKeysBody(FirstBody());
    EXPECT_TRUE(body.ParseFromArray(good.data(), static_cast<int>(good.size())));
    edit(body);
    return CodeOf(ParseNewKeysBody(AsBytes(body.SerializeAsString())));
  }

  static Bytes Joined(const Bytes& a, const Bytes& b) {
    Bytes out = a;
    out.insert(out.end(), b.begin(), b.end());
    return out;
  }

  PrivateKey rotation_ = NewKey();
};

TEST_F(NewKeysMessage, EveryField_SurvivesTheRoundTrip) {
  NewKeysBody body = FirstBody();
  body.previous_hash = Sha256(Pattern(3));
  body.cloud_cas = {Pattern(1024), Pattern(1)};
  const auto again = ParseNewKeysBody(SerializeNewKeysBody(body));
  ASSERT_TRUE(again) << again.failure().message;
  EXPECT_EQ(*again, body);
}

TEST_F(NewKeysMessage, Sign_Twice_GivesTheSameBytes) {
  EXPECT_EQ(*SignNewKeys(FirstBody(), rotation_), *SignNewKeys(FirstBody(), rotation_));
}

TEST_F(NewKeysMessage, Sign_FormThatReadersRefuse_IsRefused) {
  NewKeysBody body = FirstBody();
  body.delete_signers.assign(9, static_cast<KeyId>(1));
  EXPECT_EQ(CodeOf(SignNewKeys(body, rotation_)), Code::kNewKeysMalformed);
  body = FirstBody();
  body.add_layer_keys.assign(16, body.add_layer_keys.at(0));
  EXPECT_TRUE(SignNewKeys(body, rotation_)) << "16 wrapped keys alone fit";
  body.cloud_cas = {Pattern(1024), Pattern(1024)};
  const auto large = SignNewKeys(body, rotation_);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.failure().error.code, Code::kNewKeysMalformed);
}

TEST_F(NewKeysMessage, Verify_OtherKeyOrOtherBody_IsRefused) {
  auto message = std::move(ParseNewKeys(*SignNewKeys(FirstBody(), rotation_))).value();
  EXPECT_TRUE(VerifyNewKeys(message, rotation_.public_key()));
  EXPECT_EQ(CodeOf(VerifyNewKeys(message, NewKey().public_key())), Code::kRotationKeyUnknown);
  message.body.back() ^= 1;
  EXPECT_EQ(CodeOf(VerifyNewKeys(message, rotation_.public_key())), Code::kSignatureInvalid);
}

// One key pair serves as signer and as rotation key: only prefix and id keep the kinds apart.
TEST_F(NewKeysMessage, OtherKindsSignedByTheSameKey_AreRefused) {
  for (const std::string_view prefix :
       {kManifestPrefix, kReceiptPrefix, std::string_view("strata-debug-v1")}) {
    SealedNewKeys message;
    message.signer = KeyIdOf(KeyType::kRotation, rotation_.public_key());
    message.body = SerializeNewKeysBody(FirstBody());
    message.signature = *rotation_.Sign(prefix, message.body);
    EXPECT_EQ(CodeOf(VerifyNewKeys(message, rotation_.public_key())), Code::kSignatureInvalid)
        << prefix;
  }
  SealedManifest manifest;
  manifest.signer = KeyIdOf(KeyType::kManifestSigner, rotation_.public_key());
  manifest.body = SerializeNewKeysBody(FirstBody());
  manifest.signature = *rotation_.Sign(kManifestPrefix, manifest.body);
  const auto as_new_keys = ParseNewKeys(SerializeManifest(manifest));
  ASSERT_TRUE(as_new_keys) << "the envelopes have one form";
  EXPECT_EQ(CodeOf(VerifyNewKeys(*as_new_keys, rotation_.public_key())), Code::kRotationKeyUnknown);
}

TEST_F(NewKeysMessage, AsAManifest_IsRefused) {
  const auto as_manifest = ParseManifest(*SignNewKeys(FirstBody(), rotation_));
  ASSERT_TRUE(as_manifest) << "the envelopes have one form";
  EXPECT_EQ(CodeOf(VerifyManifest(*as_manifest, rotation_.public_key())), Code::kSignatureInvalid);
  SealedManifest renamed = *as_manifest;
  renamed.signer = KeyIdOf(KeyType::kManifestSigner, rotation_.public_key());
  EXPECT_EQ(CodeOf(VerifyManifest(renamed, rotation_.public_key())), Code::kSignatureInvalid);
}

TEST_F(NewKeysMessage, Envelope_OfTheWrongForm_IsMalformed) {
  const Bytes good = *SignNewKeys(FirstBody(), rotation_);
  ASSERT_TRUE(ParseNewKeys(good));
  const auto code = [&](const std::function<void(pb::NewKeys&)>& edit) {
    pb::NewKeys envelope;
    EXPECT_TRUE(envelope.ParseFromArray(good.data(), static_cast<int>(good.size())));
    edit(envelope);
    return CodeOf(ParseNewKeys(AsBytes(envelope.SerializeAsString())));
  };
  EXPECT_EQ(code([](auto& m) { m.clear_signer_id(); }), Code::kNewKeysMalformed);
  EXPECT_EQ(code([](auto& m) { m.clear_body(); }), Code::kNewKeysMalformed);
  EXPECT_EQ(code([](auto& m) { m.mutable_signature()->pop_back(); }), Code::kNewKeysMalformed);
  EXPECT_EQ(code([](auto& m) { m.mutable_signature()->push_back('x'); }), Code::kNewKeysMalformed);
  EXPECT_EQ(code([](auto& m) { m.set_body(std::string(4096, 'x')); }), Code::kNewKeysMalformed);
  EXPECT_EQ(CodeOf(ParseNewKeys(Bytes{0xff})), Code::kNewKeysMalformed);
  EXPECT_EQ(CodeOf(ParseNewKeys({})), Code::kNewKeysMalformed);
  for (const Bytes& twice : {Bytes{0x08, 0x01}, Bytes{0x12, 0x00}, Bytes{0x1a, 0x00}}) {
    EXPECT_EQ(CodeOf(ParseNewKeys(Joined(twice, good))), Code::kNewKeysMalformed);
  }
  EXPECT_TRUE(ParseNewKeys(Joined(good, Bytes{0x78, 0x01}))) << "a field of a later version";
}

TEST_F(NewKeysMessage, Body_OfTheWrongForm_IsMalformed) {
  EXPECT_EQ(BodyCode([](auto&) {}), Code::kOk);
  const PublicKey key = FirstBody().add_signers.at(0);
  const std::string point(AsText(key));
  const std::vector<std::function<void(pb::NewKeysBody&)>> edits = {
      [](auto& b) { b.clear_fleet_id(); },
      [](auto& b) { b.mutable_fleet_id()->push_back('x'); },
      [](auto& b) { b.set_previous_hash(std::string(31, 'x')); },
      [](auto& b) { b.set_previous_hash(std::string(33, 'x')); },
      [](auto& b) { b.mutable_add_manifest_signers(0)->pop_back(); },
      [](auto& b) { b.mutable_add_manifest_signers(0)->at(0) = 0x06; },
      [](auto& b) { b.mutable_add_manifest_signers(0)->at(64) ^= 1; },
      [&](auto& b) {
        for (int i = 0; i < 8; ++i) {
          b.add_add_manifest_signers(point);
        }
      },
      [](auto& b) {
        for (int i = 0; i < 8; ++i) {
          b.add_delete_manifest_signers(1);
        }
      },
      [](auto& b) {
        for (int i = 0; i < 8; ++i) {
          b.add_delete_layer_decrypters(1);
        }
      },
      [](auto& b) {
        for (int i = 0; i < 16; ++i) {
          *b.add_add_layer_decrypters() = b.add_layer_decrypters(0);
        }
      },
      [](auto& b) { b.mutable_add_layer_decrypters(0)->mutable_ciphertext()->pop_back(); },
      [](auto& b) { b.mutable_add_layer_decrypters(0)->mutable_sender_pub()->at(64) ^= 1; },
      [](auto& b) { b.mutable_add_layer_decrypters(0)->clear_sender_pub(); },
      [](auto& b) { b.add_cloud_cas(""); },
      [](auto& b) { b.add_cloud_cas(std::string(1025, 'x')); },
      [](auto& b) {
        for (int i = 0; i < 3; ++i) {
          b.add_cloud_cas("x");
        }
      },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    EXPECT_EQ(BodyCode(edits[i]), Code::kNewKeysMalformed) << i;
  }
}

TEST_F(NewKeysMessage, Body_FieldTwice_IsMalformed) {
  const Bytes good = SerializeNewKeysBody(FirstBody());
  const Bytes fleet = {0xb2, 0x06, 0x00};
  for (const Bytes& twice : {Bytes{0xa0, 0x06, 0x01}, fleet}) {
    EXPECT_EQ(CodeOf(ParseNewKeysBody(Joined(twice, good))), Code::kNewKeysMalformed);
  }
  const Bytes hash = {0xaa, 0x06, 0x00};
  EXPECT_TRUE(ParseNewKeysBody(Joined(hash, good))) << "once, and empty";
  EXPECT_EQ(CodeOf(ParseNewKeysBody(Joined(hash, Joined(hash, good)))), Code::kNewKeysMalformed);
  pb::NewKeysBody body;
  ASSERT_TRUE(body.ParseFromArray(good.data(), static_cast<int>(good.size())));
  const std::string wrapped = body.add_layer_decrypters(0).SerializeAsString();
  Bytes twice = {0x08, 0x01};
  twice.insert(twice.end(), wrapped.begin(), wrapped.end());
  Bytes entry = {0x22,
                 static_cast<std::uint8_t>(0x80 | (twice.size() & 0x7f)),
                 static_cast<std::uint8_t>(twice.size() >> 7)};
  entry.insert(entry.end(), twice.begin(), twice.end());
  EXPECT_EQ(CodeOf(ParseNewKeysBody(Joined(good, entry))), Code::kNewKeysMalformed);
}

TEST_F(NewKeysMessage, Follows_OnlyTheNextOfItsChain) {
  const ChainHead none{.fleet = SomeFleet()};
  EXPECT_TRUE(CheckFollows(FirstBody(), none));
  const Bytes first = *SignNewKeys(FirstBody(), rotation_);
  const ChainHead one{
      .fleet = SomeFleet(), .sequence = 1, .last_hash = *SecondBody(first).previous_hash};
  EXPECT_TRUE(CheckFollows(SecondBody(first), one));

  EXPECT_EQ(CodeOf(CheckFollows(FirstBody(), one)), Code::kNewKeysOutOfOrder) << "repeated";
  EXPECT_EQ(CodeOf(CheckFollows(SecondBody(first), none)), Code::kNewKeysOutOfOrder) << "skipped";
  NewKeysBody body = SecondBody(first);
  body.previous_hash = Sha256(first);
  EXPECT_EQ(CodeOf(CheckFollows(body, one)), Code::kNewKeysOutOfOrder) << "of the whole message";
  body.previous_hash.reset();
  EXPECT_EQ(CodeOf(CheckFollows(body, one)), Code::kNewKeysOutOfOrder);
  body = FirstBody();
  body.previous_hash = Digest{};
  EXPECT_EQ(CodeOf(CheckFollows(body, none)), Code::kNewKeysOutOfOrder);
  body = FirstBody();
  body.fleet[0] ^= 1;
  EXPECT_EQ(CodeOf(CheckFollows(body, none)), Code::kNewKeysOtherFleet);
  const ChainHead last{.fleet = SomeFleet(), .sequence = UINT32_MAX};
  body = FirstBody();
  body.sequence = 0;
  EXPECT_EQ(CodeOf(CheckFollows(body, last)), Code::kNewKeysOutOfOrder) << "no wrapping round";
}

TEST(WrappedLayerKey, AnythingElseThanItsOwnPlace_DoesNotOpen) {
  const PrivateKey layer_key = NewKey();
  const PrivateKey receiver = NewKey();
  const WrappedLayerKey good = *WrapLayerKey(layer_key, receiver.public_key(), SomeFleet(), 3);
  EXPECT_EQ(good, *WrapLayerKey(layer_key, receiver.public_key(), SomeFleet(), 3));
  EXPECT_TRUE(UnwrapLayerKey(good, receiver, SomeFleet(), 3));
  FleetId other_fleet = SomeFleet();
  other_fleet[15] ^= 1;
  EXPECT_EQ(CodeOf(UnwrapLayerKey(good, receiver, SomeFleet(), 4)), Code::kLayerDecryptFailed);
  EXPECT_EQ(CodeOf(UnwrapLayerKey(good, receiver, other_fleet, 3)), Code::kLayerDecryptFailed);
  EXPECT_EQ(CodeOf(UnwrapLayerKey(good, NewKey(), SomeFleet(), 3)), Code::kLayerDecryptFailed);
  WrappedLayerKey bad = good;
  bad.ciphertext[0] ^= 1;
  EXPECT_EQ(CodeOf(UnwrapLayerKey(bad, receiver, SomeFleet(), 3)), Code::kLayerDecryptFailed);
  EXPECT_NE(good.sender_pub,
            WrapLayerKey(layer_key, receiver.public_key(), SomeFleet(), 4)->sender_pub);
}

/// A self-signed certificate of an EC key on `curve`.
std::string MakeCertificate(const char* curve) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  EXPECT_EQ(X509_set_pubkey(certificate.get(), key.get()), 1);
  EXPECT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  EXPECT_EQ(PEM_write_bio_X509(bio.get(), certificate.get()), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

TEST(CloudCa, OneP256Certificate_IsTakenAndNothingElse) {
  const std::string pem = MakeCertificate("P-256");
  const auto der = CloudCaFromPem(pem);
  ASSERT_TRUE(der) << der.failure().message;
  EXPECT_TRUE(CheckCloudCa(*der));
  Bytes longer = *der;
  longer.push_back(0);
  EXPECT_EQ(CodeOf(CheckCloudCa(longer)), Code::kNewKeysMalformed);
  longer.resize(der->size() - 1);
  EXPECT_EQ(CodeOf(CheckCloudCa(longer)), Code::kNewKeysMalformed);
  EXPECT_EQ(CodeOf(CheckCloudCa({})), Code::kNewKeysMalformed);
  EXPECT_EQ(CodeOf(CheckCloudCa(Pattern(1025))), Code::kNewKeysMalformed);
  EXPECT_EQ(CodeOf(CloudCaFromPem(MakeCertificate("P-384"))), Code::kNewKeysMalformed);
  EXPECT_EQ(CodeOf(CloudCaFromPem(pem + pem)), Code::kKeyUnreadable);
  EXPECT_EQ(CodeOf(CloudCaFromPem("junk")), Code::kKeyUnreadable);
}

}  // namespace
}  // namespace strata::bundle
