// SPDX-License-Identifier: Apache-2.0
#include "rules.hpp"

#include "bodies_for_test.hpp"

namespace strata::manifest {
namespace {

Layer LayerAt(Medium medium, std::uint32_t start, std::uint32_t size) {
  Layer layer;
  layer.placement = {medium, start, size};
  return layer;
}

Layer Sized(std::uint32_t placement, std::uint32_t plaintext, std::uint32_t fetch, KeyId key) {
  Layer layer = LayerAt(Medium::kInternal, 0, placement);
  layer.encrypted_with = key;
  layer.plaintext_bytes = plaintext;
  layer.fetch_bytes = fetch;
  return layer;
}

Error VerdictOnLayers(const std::vector<Layer>& layers) {
  return CheckLayers(layers).error();
}

Code VerdictOnSizes(std::uint32_t plaintext, std::uint32_t fetch, KeyId key = KeyId::kNone) {
  return VerdictOnLayers({Sized(65536, plaintext, fetch, key)}).code;
}

TEST(CheckLayers, Overlap_OnOneMediumOnly_NamesTheLaterLayer) {
  const Layer first = LayerAt(Medium::kInternal, 4096, 4096);
  EXPECT_EQ(VerdictOnLayers({first, LayerAt(Medium::kInternal, 8192, 4096)}).code, Code::kOk);
  EXPECT_EQ(VerdictOnLayers({first, LayerAt(Medium::kInternal, 0, 4096)}).code, Code::kOk);
  EXPECT_EQ(VerdictOnLayers({first, LayerAt(Medium::kExternal, 4096, 4096)}).code, Code::kOk);
  const Error overlap = Fail(Code::kPlacementOverlap, Op::kCheckManifest, 1);
  EXPECT_EQ(VerdictOnLayers({first, LayerAt(Medium::kInternal, 8191, 4096)}), overlap);
  EXPECT_EQ(VerdictOnLayers({first, LayerAt(Medium::kInternal, 0, 4097)}), overlap);
  EXPECT_EQ(VerdictOnLayers({first, LayerAt(Medium::kInternal, 5000, 1)}), overlap);
  EXPECT_EQ(VerdictOnLayers({first, LayerAt(Medium::kInternal, 0, 65536)}), overlap);
  EXPECT_EQ(VerdictOnLayers({first, first}), overlap);
}

TEST(CheckLayers, PlacementBeyond32BitsOrEmpty_IsOutOfBounds) {
  EXPECT_EQ(VerdictOnLayers({LayerAt(Medium::kInternal, 0, 0)}).code, Code::kPlacementOutOfBounds);
  EXPECT_EQ(VerdictOnLayers({LayerAt(Medium::kInternal, 1, UINT32_MAX)}).code,
            Code::kPlacementOutOfBounds);
  EXPECT_EQ(VerdictOnLayers({LayerAt(Medium::kInternal, 0, UINT32_MAX)}).code, Code::kOk);
}

TEST(CheckLayers, LayersUnderDifferentKeys_AreMixedEncryption) {
  Layer clear = LayerAt(Medium::kInternal, 0, 4096);
  Layer sealed = LayerAt(Medium::kInternal, 4096, 4096);
  sealed.encrypted_with = KeyId{1};
  EXPECT_EQ(VerdictOnLayers({clear, sealed}), Fail(Code::kMixedEncryption, Op::kCheckManifest, 1));
  clear.encrypted_with = KeyId{2};
  EXPECT_EQ(VerdictOnLayers({clear, sealed}).code, Code::kMixedEncryption);
  clear.encrypted_with = KeyId{1};
  EXPECT_EQ(VerdictOnLayers({clear, sealed}).code, Code::kOk);
}

TEST(CheckLayers, SizesInClear_AreEqualAndWithinThePlacement) {
  EXPECT_EQ(VerdictOnSizes(0, 0), Code::kOk);
  EXPECT_EQ(VerdictOnSizes(65536, 65536), Code::kOk);
  EXPECT_EQ(VerdictOnSizes(65537, 65537), Code::kLayerSizeInvalid);
  EXPECT_EQ(VerdictOnSizes(100, 99), Code::kLayerSizeInvalid);
  EXPECT_EQ(VerdictOnSizes(100, 0), Code::kLayerSizeInvalid);
  EXPECT_EQ(VerdictOnSizes(0, 100), Code::kLayerSizeInvalid);
}

TEST(CheckLayers, SizesEncrypted_FitSomeChunkSize) {
  constexpr KeyId kKey{1};
  EXPECT_EQ(VerdictOnSizes(65536, 69 + 65536 + 16 * 16, kKey), Code::kOk);  // chunks of 4096
  EXPECT_EQ(VerdictOnSizes(65536, 69 + 65536 + 16 * 15, kKey), Code::kLayerSizeInvalid);
  EXPECT_EQ(VerdictOnSizes(1, 69 + 1 + 16, kKey), Code::kOk);
  EXPECT_EQ(VerdictOnSizes(1, 69 + 1 + 32, kKey), Code::kLayerSizeInvalid);
  EXPECT_EQ(VerdictOnSizes(5, 69 + 5 + 16 * 3, kKey), Code::kOk);                // chunks of 2
  EXPECT_EQ(VerdictOnSizes(5, 69 + 5 + 16 * 4, kKey), Code::kLayerSizeInvalid);  // no size gives 4
  EXPECT_EQ(VerdictOnSizes(5, 69 + 5 + 16 * 5, kKey), Code::kOk);                // chunks of 1
  EXPECT_EQ(VerdictOnSizes(100, 100, kKey), Code::kLayerSizeInvalid);
  EXPECT_EQ(VerdictOnSizes(100, 69 + 100, kKey), Code::kLayerSizeInvalid);
  EXPECT_EQ(VerdictOnSizes(100, 69 + 100 + 17, kKey), Code::kLayerSizeInvalid);
  EXPECT_EQ(VerdictOnSizes(0, 69 + 16, kKey), Code::kLayerSizeInvalid);
}

TEST(CheckNumbers, RestartAndTrialLimits_Hold) {
  AppManifest app;
  app.minimum_restart_ms = 100;
  EXPECT_TRUE(CheckNumbers(app).ok());
  app.maximum_restart_ms = 100;
  EXPECT_TRUE(CheckNumbers(app).ok());
  app.maximum_restart_ms = 99;
  EXPECT_EQ(CheckNumbers(app).error().code, Code::kPolicyInvalid);
  app = AppManifest();
  app.trial = {.window_sec = 86400, .crashes_allowed = 100};
  EXPECT_TRUE(CheckNumbers(app).ok());
  app.trial.window_sec = 86401;
  EXPECT_EQ(CheckNumbers(app).error().code, Code::kPolicyInvalid);
  app.trial = {.crashes_allowed = 101};
  EXPECT_EQ(CheckNumbers(app).error().code, Code::kPolicyInvalid);
}

class CheckAgainstHardwareTest : public ::testing::Test {
 protected:
  void Add(const Layer& layer) { app_.layer_storage[app_.layer_count++] = layer; }

  Error Verdict() { return CheckAgainstHardware(app_, *profile_).error(); }

  AppManifest app_;
  const HardwareProfile* profile_ = FindHardwareProfile("stm32u585");
};

TEST_F(CheckAgainstHardwareTest, HardwareType_MustBeTheDevicesOrAbsent) {
  Add(LayerAt(Medium::kInternal, 0, 8192));
  EXPECT_EQ(Verdict().code, Code::kOk);
  std::ranges::copy(std::string_view("stm32u585x"), app_.hardware_type_storage.begin());
  app_.hardware_type_bytes = 9;
  EXPECT_EQ(Verdict().code, Code::kOk);
  app_.hardware_type_bytes = 10;
  EXPECT_EQ(Verdict().code, Code::kHardwareMismatch);
  app_.hardware_type_bytes = 8;
  EXPECT_EQ(Verdict().code, Code::kHardwareMismatch);
}

TEST_F(CheckAgainstHardwareTest, PlacementAtTheEnd_FitsAndBeyondDoesNot) {
  Add(LayerAt(Medium::kInternal, profile_->internal_bytes - 8192, 8192));
  Add(LayerAt(Medium::kExternal, profile_->external_app_bytes - 4096, 4096));
  EXPECT_EQ(Verdict().code, Code::kOk);
  app_.layer_storage[1].placement.size_bytes = 8192;
  EXPECT_EQ(Verdict(), Fail(Code::kPlacementOutOfBounds, Op::kCheckManifest, 1));
  app_.layer_storage[0].placement.start_bytes = 0xffffe000;
  app_.layer_storage[0].placement.size_bytes = 0x1fff;
  EXPECT_EQ(Verdict(), Fail(Code::kPlacementOutOfBounds, Op::kCheckManifest, 0));
}

TEST_F(CheckAgainstHardwareTest, PlacementOffTheEraseUnit_IsUnaligned) {
  Add(LayerAt(Medium::kExternal, 4096, 4096));
  EXPECT_EQ(Verdict().code, Code::kOk);
  app_.layer_storage[0].placement.medium = Medium::kInternal;
  EXPECT_EQ(Verdict().code, Code::kPlacementUnaligned);
  app_.layer_storage[0].placement = {Medium::kInternal, 8192, 12288};
  EXPECT_EQ(Verdict().code, Code::kPlacementUnaligned);
}

TEST_F(CheckAgainstHardwareTest, SealedLayers_MustFitASlotBesideOneEraseUnit) {
  HardwareProfile profile = *profile_;
  profile_ = &profile;
  // 65536 bytes make 17 chunks of 4080 + 16 bytes: 17 erase units of 4096 bytes.
  Add(LayerAt(Medium::kInternal, 0, 65536));
  Add(Sized(65536, 100, 100, KeyId::kNone));
  profile.slot_bytes = (17 + 1 + 1) * 4096;
  EXPECT_EQ(Verdict().code, Code::kOk);
  profile.slot_bytes -= 1;
  EXPECT_EQ(Verdict().code, Code::kUpdateTooLarge);
}

TEST_F(CheckAgainstHardwareTest, LargestSizes_DoNotWrapAround) {
  HardwareProfile profile = *profile_;
  profile_ = &profile;
  profile.internal_bytes = UINT32_MAX;
  profile.internal_erase_unit_bytes = 1;
  Add(LayerAt(Medium::kInternal, 0, UINT32_MAX));
  Add(LayerAt(Medium::kInternal, 0, UINT32_MAX));
  EXPECT_EQ(Verdict().code, Code::kUpdateTooLarge);
}

}  // namespace
}  // namespace strata::manifest
