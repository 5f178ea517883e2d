// SPDX-License-Identifier: Apache-2.0
// Layers in clear that are installed are sealed anew, not downloaded again.
#include <gtest/gtest.h>

#include "fixture_for_test.hpp"

namespace strata::sim {
namespace {

constexpr std::uint32_t kInFirstChunk = 50;

class InstalledLayerTest : public UpdateFixture {
 protected:
  /// v1 runs; a chunk of its slot's first layer is damaged.
  AppImage InstallAndDamage(bool encrypted) {
    const AppImage v1 = Ready("v1", 1, encrypted);
    ExpectConfirmed(v1);
    const HardwareProfile& profile = world_.profile();
    const std::uint32_t manifest_area =
        std::max<std::uint32_t>(4096, profile.external_erase_unit_bytes);
    device_->external().Corrupt(profile.slot_start_bytes + manifest_area + kInFirstChunk, 0x40);
    return v1;
  }

  AppImage Crashing() {
    AppOptions options;
    options.name = "crash";
    options.content = 2;
    options.policies = TestWorld::ReadyPolicy();
    options.script.crash_after_ms = 0;
    return Add(options);
  }
};

TEST_F(InstalledLayerTest, RevertSlotDamaged_IsSealedFromTheInstalledApp) {
  const AppImage v1 = InstallAndDamage(false);
  for (const AppImage::Layer& layer : v1.layers) {
    device_->cloud().RemoveLayer(layer.fetch_digest);
  }
  const AppImage crashing = Crashing();
  ExpectRefused(crashing, wire::Verdict::kReverted, Code::kAppCrashed, &v1);
}

TEST_F(InstalledLayerTest, EncryptedLayer_ComesFromTheCloud) {
  const AppImage v1 = InstallAndDamage(true);
  for (const AppImage::Layer& layer : v1.layers) {
    device_->cloud().RemoveLayer(layer.fetch_digest);
  }
  ExpectRefused(Crashing(), wire::Verdict::kFailed, Code::kSlotUnusable, &v1);
}

TEST_F(InstalledLayerTest, SharedLayerDamagedInTheOtherSlot_IsNotDownloaded) {
  const AppImage v1 = InstallAndDamage(false);
  AppOptions options;
  options.name = "v2";
  options.content = 1;
  options.tail_content = 9;
  options.policies = TestWorld::ReadyPolicy();
  const AppImage v2 = Add(options);
  ASSERT_EQ(v1.layers[0].fetch_digest, v2.layers[0].fetch_digest);
  device_->cloud().RemoveLayer(v2.layers[0].fetch_digest);
  ExpectConfirmed(v2);
}

TEST_F(InstalledLayerTest, WhatIsInstalledChanged_TheCloudsBytesAreTaken) {
  const AppImage v1 = InstallAndDamage(false);
  ASSERT_TRUE(device_->BootOnce());
  // Behind the boot's measurement: what an app with a stray pointer could do.
  device_->internal().Corrupt(kInFirstChunk, 0x01);
  const std::uint64_t served = device_->cloud().layer_bytes_served();
  const wire::Deployment deployment = device_->Deploy(Crashing());
  EXPECT_TRUE(device_->RunUntilSettled());
  const auto outcome = device_->cloud().OutcomeOf(deployment.id);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->verdict, wire::Verdict::kReverted);
  EXPECT_GT(device_->cloud().layer_bytes_served(), served + v1.layers[0].fetched.size());
  EXPECT_EQ(device_->CheckRuns(&v1), "");
}

}  // namespace
}  // namespace strata::sim
