// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/manifest.hpp"

#include "strata/format/bundle/keys.hpp"

#include "bundles_for_test.hpp"

namespace strata::bundle {
namespace {

Layer SomeLayer(std::uint32_t start, std::uint32_t size, Medium medium = Medium::kInternal) {
  Layer layer;
  layer.placement = {medium, start, size};
  layer.fetch_digest = Sha256(BigEndian(start));
  layer.measurement_digest = Sha256(BigEndian(size));
  layer.plaintext_bytes = size;
  layer.fetch_bytes = size;
  return layer;
}

AppBody FullBody() {
  AppBody body;
  body.layers = {
      SomeLayer(0, 0x10000), SomeLayer(0x10000, 0x2000), SomeLayer(0, 0x1000, Medium::kExternal)};
  body.debuggable = true;
  body.debug_auth_key = NewKey().public_key();
  body.minimum_restart_ms = 1;
  body.maximum_restart_ms = 2;
  body.crash_report_key = NewKey().public_key();
  body.crash_stack_bytes = 3;
  body.maximum_politeness_time_sec = 4;
  body.minimum_kernel_version = 5;
  body.connection_grace_time_sec = 6;
  body.minimum_check_in_time_sec = 7;
  body.app_version = "1.0 \xC3\xA4";
  body.hardware_type = "stm32u585";
  body.security_counter = 8;
  body.trial = TrialPolicy{true, 9, 10};
  return body;
}

Code ParseCode(const AppBody& body) {
  return CodeOf(ParseBody(SerializeBody(body)));
}

TEST(ManifestBody, EveryField_SurvivesTheRoundTrip) {
  const AppBody body = FullBody();
  const auto parsed = ParseBody(SerializeBody(body));
  ASSERT_TRUE(parsed) << parsed.failure().message;
  EXPECT_EQ(*parsed, body);
  EXPECT_EQ(SerializeBody(*parsed), SerializeBody(body));
}

TEST(ManifestBody, TrialPresentButEmpty_IsNotAbsent) {
  AppBody body = FullBody();
  body.trial = TrialPolicy{};
  EXPECT_EQ(ParseBody(SerializeBody(body))->trial, TrialPolicy{});
  body.trial.reset();
  EXPECT_EQ(ParseBody(SerializeBody(body))->trial, std::nullopt);
}

TEST(ManifestBody, UnknownFields_AreSkipped) {
  Bytes bytes = SerializeBody(FullBody());
  const Bytes unknown = {0xC2, 0x3E, 0x02, 0x01, 0x02};  // field 1000, two bytes
  bytes.insert(bytes.end(), unknown.begin(), unknown.end());
  const auto parsed = ParseBody(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->app_version, FullBody().app_version);
}

TEST(ManifestBody, LayerCounts_AreBounded) {
  AppBody body = FullBody();
  body.layers.clear();
  EXPECT_EQ(ParseCode(body), Code::kManifestNoLayers);
  for (std::uint32_t i = 0; i < kMaxLayers; ++i) {
    body.layers.push_back(SomeLayer(i * 16, 16));
  }
  EXPECT_EQ(ParseCode(body), Code::kOk);
  body.layers.push_back(SomeLayer(0x1000, 16));
  EXPECT_EQ(ParseCode(body), Code::kManifestTooManyLayers);
}

TEST(ManifestBody, Placements_OverlapAndRange_AreRefused) {
  AppBody body = FullBody();
  body.layers = {SomeLayer(0x1000, 0x1000), SomeLayer(0x1FFF, 1)};
  EXPECT_EQ(ParseCode(body), Code::kPlacementOverlap);
  body.layers = {SomeLayer(0x1000, 0x1000), SomeLayer(0, 0x4000)};
  EXPECT_EQ(ParseCode(body), Code::kPlacementOverlap);
  body.layers = {SomeLayer(0x1000, 0x1000), SomeLayer(0x1000, 0x1000, Medium::kExternal)};
  EXPECT_EQ(ParseCode(body), Code::kOk);
  body.layers = {SomeLayer(0x1000, 0x1000), SomeLayer(0x2000, 1), SomeLayer(0xFFF, 1)};
  EXPECT_EQ(ParseCode(body), Code::kOk);
  body.layers = {SomeLayer(0xFFFFFFFF, 2)};
  EXPECT_EQ(ParseCode(body), Code::kPlacementOutOfBounds);
  body.layers = {SomeLayer(0, 0)};
  EXPECT_EQ(ParseCode(body), Code::kPlacementOutOfBounds);
}

TEST(ManifestBody, MixedEncryption_IsRefused) {
  AppBody body = FullBody();
  for (Layer& layer : body.layers) {
    layer.encrypted_with = static_cast<KeyId>(7);
    layer.fetch_bytes += 69 + 16 * (layer.plaintext_bytes / 4096);
  }
  EXPECT_EQ(ParseCode(body), Code::kOk);
  AppBody two_keys = body;
  two_keys.layers[1].encrypted_with = static_cast<KeyId>(8);
  EXPECT_EQ(ParseCode(two_keys), Code::kMixedEncryption);
  AppBody half_clear = body;
  half_clear.layers[2].encrypted_with = KeyId::kNone;
  EXPECT_EQ(ParseCode(half_clear), Code::kMixedEncryption);
}

TEST(ManifestBody, SizesThatContradict_AreRefused) {
  AppBody body = FullBody();
  const auto code_with = [&body](std::uint32_t plaintext, std::uint32_t fetch) {
    body.layers[0].plaintext_bytes = plaintext;
    body.layers[0].fetch_bytes = fetch;
    return ParseCode(body);
  };
  EXPECT_EQ(code_with(0, 0), Code::kOk);
  EXPECT_EQ(code_with(1, 1), Code::kOk);
  EXPECT_EQ(code_with(0x10000, 0x10000), Code::kOk);
  EXPECT_EQ(code_with(0x10001, 0x10001), Code::kLayerSizeInvalid);
  EXPECT_EQ(code_with(5, 6), Code::kLayerSizeInvalid);
  EXPECT_EQ(code_with(5, 0), Code::kLayerSizeInvalid);
  EXPECT_EQ(code_with(0, 5), Code::kLayerSizeInvalid);
}

TEST(ManifestBody, PoliciesOutOfRange_AreRefused) {
  const auto code_with = [](auto change) {
    AppBody body = FullBody();
    change(body);
    return ParseCode(body);
  };
  EXPECT_EQ(code_with([](AppBody& b) { b.minimum_restart_ms = 3; }), Code::kPolicyInvalid);
  EXPECT_EQ(code_with([](AppBody& b) { b.maximum_restart_ms = 0; }), Code::kOk);
  EXPECT_EQ(code_with([](AppBody& b) { b.app_version = std::string(65, 'a'); }),
            Code::kPolicyInvalid);
  EXPECT_EQ(code_with([](AppBody& b) { b.app_version = "a\x1b[2J"; }), Code::kPolicyInvalid);
  EXPECT_EQ(code_with([](AppBody& b) { b.app_version = "a\xC2\x85"; }), Code::kPolicyInvalid);
  EXPECT_EQ(code_with([](AppBody& b) { b.hardware_type = std::string(32, 'a'); }),
            Code::kPolicyInvalid);
  EXPECT_EQ(code_with([](AppBody& b) { b.trial->window_sec = 86'401; }), Code::kPolicyInvalid);
  EXPECT_EQ(code_with([](AppBody& b) { b.trial->crashes_allowed = 101; }), Code::kPolicyInvalid);
  EXPECT_EQ(code_with([](AppBody& b) { (*b.debug_auth_key)[0] = 2; }), Code::kPolicyInvalid);
  EXPECT_EQ(code_with([](AppBody& b) { (*b.crash_report_key)[0] = 0; }), Code::kPolicyInvalid);
}

TEST(ManifestBody, BrokenEncodings_AreMalformed) {
  const Bytes good = SerializeBody(FullBody());
  EXPECT_EQ(CodeOf(ParseBody(ByteSpan(good).first(good.size() - 1))), Code::kManifestMalformed);
  EXPECT_EQ(CodeOf(ParseBody(HexBytes("0a00"))), Code::kManifestMalformed) << "no placement";
  EXPECT_EQ(CodeOf(ParseBody(HexBytes("0a060a040a021001"))), Code::kManifestMalformed)
      << "no hashes";
  EXPECT_EQ(CodeOf(ParseBody(Bytes(5000))), Code::kManifestTooLarge);
  EXPECT_EQ(CodeOf(ParseBody({})), Code::kManifestNoLayers);
}

class Envelope : public testing::Test {
 protected:
  Envelope() {
    manifest_.body = SerializeBody(FullBody());
    manifest_.signature = *key_.Sign(kManifestPrefix, manifest_.body);
    manifest_.signer = KeyIdOf(KeyType::kManifestSigner, key_.public_key());
  }

  PrivateKey key_ = NewKey();
  SealedManifest manifest_;
};

TEST_F(Envelope, RoundTrip_SameValues) {
  const auto parsed = ParseManifest(SerializeManifest(manifest_));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->signer, manifest_.signer);
  EXPECT_EQ(parsed->body, manifest_.body);
  EXPECT_EQ(parsed->signature, manifest_.signature);
  EXPECT_TRUE(VerifyManifest(*parsed, key_.public_key()));
}

TEST_F(Envelope, Forms_ThatAreNotAllowed_AreMalformed) {
  SealedManifest no_signature = manifest_;
  no_signature.signature.reset();
  EXPECT_EQ(CodeOf(ParseManifest(SerializeManifest(no_signature))), Code::kManifestMalformed);
  SealedManifest no_signer = manifest_;
  no_signer.signer = KeyId::kNone;
  EXPECT_EQ(CodeOf(ParseManifest(SerializeManifest(no_signer))), Code::kManifestMalformed);
  EXPECT_EQ(CodeOf(ParseManifest({})), Code::kManifestMalformed);
  EXPECT_EQ(CodeOf(ParseManifest(HexBytes("080112010a1a0100"))), Code::kManifestMalformed)
      << "a signature of one byte";
  EXPECT_EQ(CodeOf(ParseManifest(Bytes(4097))), Code::kManifestTooLarge);
  SealedManifest large;
  large.body = Bytes(4093 - 0, 1);
  EXPECT_EQ(CodeOf(ParseManifest(SerializeManifest(large))), Code::kOk) << "4096 bytes";
  large.body.push_back(1);
  EXPECT_EQ(CodeOf(ParseManifest(SerializeManifest(large))), Code::kManifestTooLarge);
}

TEST_F(Envelope, Verify_EachWayOfBeingWrong_IsRefused) {
  EXPECT_EQ(CodeOf(VerifyManifest(manifest_, NewKey().public_key())), Code::kSignatureInvalid);
  SealedManifest changed = manifest_;
  changed.body.back() ^= 1;
  EXPECT_EQ(CodeOf(VerifyManifest(changed, key_.public_key())), Code::kSignatureInvalid);
  SealedManifest renamed = manifest_;
  renamed.signer = KeyIdOf(KeyType::kRotation, key_.public_key());
  EXPECT_EQ(CodeOf(VerifyManifest(renamed, key_.public_key())), Code::kSignatureInvalid);
  SealedManifest receipt = manifest_;
  receipt.signature = *key_.Sign(kReceiptPrefix, manifest_.body);
  EXPECT_EQ(CodeOf(VerifyManifest(receipt, key_.public_key())), Code::kSignatureInvalid);
  SealedManifest unsigned_manifest;
  unsigned_manifest.body = manifest_.body;
  EXPECT_EQ(CodeOf(VerifyManifest(unsigned_manifest, key_.public_key())), Code::kManifestUnsigned);
}

TEST(CheckAgainstHardware, EachRule_HasItsCode) {
  const HardwareProfile& profile = Profile();
  const auto code_of = [&profile](std::vector<Layer> layers, const char* hardware = "") {
    AppBody body;
    body.layers = std::move(layers);
    body.hardware_type = hardware;
    return CodeOf(CheckAgainstHardware(body, profile));
  };
  EXPECT_EQ(code_of({SomeLayer(0, 0x100000)}), Code::kOk);
  EXPECT_EQ(code_of({SomeLayer(0, 0x100000)}, "stm32u585"), Code::kOk);
  EXPECT_EQ(code_of({SomeLayer(0, 0x100000)}, "mps2-an505"), Code::kHardwareMismatch);
  EXPECT_EQ(code_of({SomeLayer(0x2000, 0x100000)}), Code::kPlacementOutOfBounds);
  EXPECT_EQ(code_of({SomeLayer(0x1000, 0x2000)}), Code::kPlacementUnaligned);
  EXPECT_EQ(code_of({SomeLayer(0, 0x1000)}), Code::kPlacementUnaligned);
  EXPECT_EQ(code_of({SomeLayer(0, 0x1000, Medium::kExternal)}), Code::kOk);
  EXPECT_EQ(code_of({SomeLayer(0x1C0000, 0x1000, Medium::kExternal)}), Code::kPlacementOutOfBounds)
      << "placements must not reach the staging slots";
}

TEST(CheckAgainstHardware, SumOfReferencedLayers_MustFitASlot) {
  HardwareProfile profile = Profile();
  // Two layers of 64 KiB, sealed in 17 chunks of 4080 bytes each: 17 erase units each.
  profile.slot_bytes = (2 * 17 + 1) * 4096;
  AppBody body;
  body.layers = {SomeLayer(0, 0x10000), SomeLayer(0x10000, 0x10000)};
  EXPECT_TRUE(CheckAgainstHardware(body, profile));
  profile.slot_bytes -= 4096;
  EXPECT_EQ(CodeOf(CheckAgainstHardware(body, profile)), Code::kUpdateTooLarge);
  body.layers[1].fetch_digest = body.layers[0].fetch_digest;
  EXPECT_EQ(CodeOf(CheckAgainstHardware(body, profile)), Code::kUpdateTooLarge)
      << "each reference is staged by itself, also to equal layers";
}

}  // namespace
}  // namespace strata::bundle
