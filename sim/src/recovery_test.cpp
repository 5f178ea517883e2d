// SPDX-License-Identifier: Apache-2.0
// Damaged flash, a cloud that is away, and legacy manifests.
#include <algorithm>

#include <gtest/gtest.h>

#include "fixture_for_test.hpp"

namespace strata::sim {
namespace {

class RecoveryTest : public UpdateFixture {
 protected:
  void DamageSlot(std::uint32_t slot, std::uint32_t offset) {
    const HardwareProfile& profile = world_.profile();
    device_->external().Corrupt(profile.slot_start_bytes + slot * profile.slot_bytes + offset,
                                0x40);
  }

  /// An app before which no layer lies, over one that had bytes there.
  AppImage InstallBehindAGap() {
    ExpectConfirmed(Ready("v1", 1));
    AppOptions options;
    options.name = "behind-a-gap";
    options.image_start_bytes = 3 * world_.profile().internal_erase_unit_bytes;
    options.content = 2;
    options.policies = TestWorld::ReadyPolicy();
    AppImage app = Add(options);
    ExpectConfirmed(app);
    return app;
  }

  bool StepUntil(engine::State state) {
    for (int i = 0; i < 20'000; ++i) {
      if (device_->engine()->snapshot().state == state) {
        return true;
      }
      device_->StepOnce();
    }
    return false;
  }
};

TEST_F(RecoveryTest, InstalledAppDamaged_IsWrittenAgainFromItsSlotWithoutNetwork) {
  const AppImage v1 = Ready("v1", 1, true);
  ExpectConfirmed(v1);
  device_->PowerOff();
  device_->internal().Corrupt(5000, 0x01);
  device_->cloud().SetReachable(false);
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v1), "");
}

TEST_F(RecoveryTest, UncoveredFlashNotErased_IsNoticed) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  device_->PowerOff();
  device_->internal().Corrupt(world_.profile().internal_bytes - 1, 0x01);
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v1), "");
}

TEST_F(RecoveryTest, FlashThatNoLayerCovers_HoldsNothingOfTheAppBefore) {
  InstallBehindAGap();
  const std::vector<std::uint8_t>& flash = device_->internal().bytes();
  const auto end = flash.begin() + 3 * world_.profile().internal_erase_unit_bytes;
  EXPECT_TRUE(std::all_of(flash.begin(), end, [](std::uint8_t byte) { return byte == 0xFF; }));
}

TEST_F(RecoveryTest, FlashThatNoLayerCoversDamaged_IsErasedAgainBeforeTheAppStarts) {
  const AppImage app = InstallBehindAGap();
  device_->PowerOff();
  device_->internal().Corrupt(100, 0x01);
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&app), "");
}

TEST_F(RecoveryTest, InstalledAppAndSlotDamaged_RecoversFromCloud) {
  const AppImage v1 = Ready("v1", 1, true);
  ExpectConfirmed(v1);
  device_->PowerOff();
  device_->internal().Corrupt(5000, 0x01);
  DamageSlot(0, 4096 + 50);  // a chunk
  const std::uint64_t served = device_->cloud().layer_bytes_served();
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v1), "");
  EXPECT_GT(device_->cloud().layer_bytes_served(), served);
}

// A chunk of it is sealed by then: from other bytes it must not be sealed under that key again.
TEST_F(RecoveryTest, ManifestInSlotDamagedWhileFetching_WhatIsSealedIsReadAndNotFetchedAgain) {
  const AppImage v1 = Ready("v1", 1);
  ASSERT_GE(v1.layers.size(), 2U);
  device_->cloud().WhenServed(v1.layers[0].fetched.size(), [&] {
    DamageSlot(0, 20);
    device_->cloud().AddLayer(v1.layers[0].fetch_digest,
                              std::vector<std::uint8_t>(v1.layers[0].fetched.size(), 0x5A));
  });
  ExpectConfirmed(v1);
}

TEST_F(RecoveryTest, ManifestInSlotDamaged_IsFetchedAgain) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  device_->PowerOff();
  DamageSlot(0, 10);
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v1), "");
}

TEST_F(RecoveryTest, DamagedWithoutNetwork_RunsNothingUntilItIsBack) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  device_->PowerOff();
  device_->internal().Corrupt(5000, 0x01);
  DamageSlot(0, 4096 + 50);
  device_->cloud().SetReachable(false);
  ASSERT_TRUE(device_->BootOnce());
  for (int i = 0; i < 500; ++i) {
    device_->StepOnce();
  }
  EXPECT_FALSE(device_->app().running());
  EXPECT_EQ(device_->engine()->snapshot().state, engine::State::kRecovering);
  device_->cloud().SetReachable(true);
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v1), "");
}

TEST_F(RecoveryTest, UnrecoverableApp_GivesWayToAnotherDeployment) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  device_->PowerOff();
  device_->internal().Corrupt(5000, 0x01);
  DamageSlot(0, 4096 + 50);
  for (const AppImage::Layer& layer : v1.layers) {
    device_->cloud().RemoveLayer(layer.fetch_digest);
  }
  ExpectConfirmed(Ready("v2", 2));
}

TEST_F(RecoveryTest, RevertSlotDamaged_IsRepairedBeforeTheAppStops) {
  const AppImage v1 = Ready("v1", 1, true);
  ExpectConfirmed(v1);
  DamageSlot(0, 4096 + 50);
  AppOptions options;
  options.name = "crash";
  options.content = 2;
  options.policies = TestWorld::ReadyPolicy();
  options.script.crash_after_ms = 0;
  ExpectRefused(Add(options), wire::Verdict::kReverted, Code::kAppCrashed, &v1);
}

TEST_F(RecoveryTest, RevertSlotDamaged_IsWholeBeforeTheNewAppIsTried) {
  const AppImage v1 = Ready("v1", 1, true);
  ExpectConfirmed(v1);
  DamageSlot(0, 4096 + 50);
  AppOptions options;
  options.name = "crash";
  options.content = 2;
  options.policies = TestWorld::ReadyPolicy();
  options.script.crash_after_ms = 0;
  device_->Deploy(Add(options));
  ASSERT_TRUE(StepUntil(engine::State::kApplying));
  device_->cloud().SetReachable(false);
  ASSERT_TRUE(StepUntil(engine::State::kReverting));
  ASSERT_TRUE(StepUntil(engine::State::kIdle));
  device_->StepOnce();
  EXPECT_EQ(device_->CheckRuns(&v1), "");
}

TEST_F(RecoveryTest, LayerHealedBetweenTries_IsSealedUnderAnotherKey) {
  const AppImage v1 = Ready("v1", 1);
  auto& layer = device_->cloud().layer(v1.layers[0].fetch_digest);
  layer[100] ^= 1;
  device_->Deploy(v1);
  ASSERT_TRUE(device_->BootOnce());
  while (device_->cloud().layer_bytes_served() < layer.size()) {
    device_->StepOnce();
  }
  layer[100] ^= 1;
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v1), "");
}

TEST_F(RecoveryTest, StagedChunkDamaged_IsFetchedAgainAndConfirmed) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  const AppImage v2 = Ready("v2", 2, true);
  device_->Deploy(v2);
  ASSERT_TRUE(StepUntil(engine::State::kStaged));
  DamageSlot(1, 4096 + 50);
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v2), "");
}

TEST_F(RecoveryTest, NewSlotDamagedDuringApply_RevertsToTheOldApp) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  const wire::Deployment deployment = device_->Deploy(Ready("v2", 2));
  ASSERT_TRUE(StepUntil(engine::State::kApplying));
  device_->PowerOff();
  DamageSlot(1, 4096 + 50);
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v1), "");
  const auto outcome = device_->cloud().OutcomeOf(deployment.id);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->verdict, wire::Verdict::kReverted);
  EXPECT_EQ(outcome->error.code, Code::kStagingCorrupt);
}

TEST_F(RecoveryTest, NewAppDamagedDuringItsTrial_IsRevertedAtTheNextBoot) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  AppOptions options;
  options.name = "v2";
  options.content = 2;
  options.policies = TestWorld::ReadyPolicy();
  options.script.ready_after_ms = 1500;
  const wire::Deployment deployment = device_->Deploy(Add(options));
  ASSERT_TRUE(StepUntil(engine::State::kConfirming));
  device_->PowerOff();
  device_->internal().Corrupt(5000, 0x01);
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v1), "");
  EXPECT_EQ(device_->cloud().OutcomeOf(deployment.id)->verdict, wire::Verdict::kReverted);
}

TEST_F(RecoveryTest, BothSlotsDamagedDuringApply_RecoversTheOldAppFromCloud) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  device_->Deploy(Ready("v2", 2));
  ASSERT_TRUE(StepUntil(engine::State::kApplying));
  device_->PowerOff();
  DamageSlot(0, 4096 + 50);
  DamageSlot(1, 4096 + 50);
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v1), "");
}

TEST_F(RecoveryTest, InterruptedLayer_ResumesAtTheCostOfOneChunk) {
  AppOptions options;
  options.name = "v1";
  options.image_bytes = 60'000;
  options.layer_bytes = 64 * 1024;
  options.policies = TestWorld::ReadyPolicy();
  const AppImage app = Add(options);
  device_->Deploy(app);
  ASSERT_TRUE(device_->BootOnce());
  while (device_->cloud().layer_bytes_served() < 40'000) {
    device_->StepOnce();
  }
  device_->PowerOff();
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&app), "");
  EXPECT_LE(device_->cloud().layer_bytes_served(), 60'000U + 2 * 4096U);
}

TEST_F(RecoveryTest, ManyInterruptions_StillEndConfirmed) {
  AppOptions options;
  options.name = "v1";
  options.image_bytes = 60'000;
  options.layer_bytes = 64 * 1024;
  options.encrypted = true;
  options.policies = TestWorld::ReadyPolicy();
  const AppImage app = Add(options);
  device_->Deploy(app);
  for (int boot = 0; boot < 30; ++boot) {
    ASSERT_TRUE(device_->BootOnce());
    const std::uint64_t served = device_->cloud().layer_bytes_served();
    while (device_->cloud().layer_bytes_served() < served + 9000 &&
           device_->engine()->snapshot().state <= engine::State::kFetchingLayers) {
      device_->StepOnce();
    }
    device_->PowerOff();
  }
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&app), "");
}

TEST_F(RecoveryTest, ShortRanges_AreEnough) {
  device_->cloud().SetMaxRange(100);
  ExpectConfirmed(Ready("v1", 1, true));
}

TEST_F(RecoveryTest, LayerVanishes_IsNoFailureAndEndsWhenItIsBack) {
  const AppImage v1 = Ready("v1", 1);
  device_->cloud().RemoveLayer(v1.layers[0].fetch_digest);
  device_->Deploy(v1);
  ASSERT_TRUE(device_->BootOnce());
  for (int i = 0; i < 200; ++i) {
    device_->StepOnce();
  }
  EXPECT_EQ(device_->engine()->snapshot().state, engine::State::kFetchingLayers);
  device_->cloud().AddLayer(v1.layers[0].fetch_digest, v1.layers[0].fetched);
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v1), "");
}

TEST_F(RecoveryTest, LostAcknowledgement_SendsTheSameReceiptAgain) {
  const AppImage v1 = Ready("v1", 1);
  device_->cloud().LoseAcknowledgements(3);
  const SimCloud::Outcome outcome = DeployAndRun(v1);
  EXPECT_EQ(outcome.verdict, wire::Verdict::kConfirmed);
  EXPECT_EQ(outcome.counter, 1U);
  EXPECT_EQ(device_->CheckRuns(&v1), "");
}

TEST_F(RecoveryTest, LegacyManifestWithoutSizes_IsInstalled) {
  for (const bool encrypted : {false, true}) {
    for (const std::size_t size : {std::size_t{4080}, std::size_t{5000}, std::size_t{8160}}) {
      device_ = Make(size);
      AppOptions options;
      options.name = "legacy";
      options.content = size;
      options.image_bytes = size;
      options.encrypted = encrypted;
      options.without_sizes = true;
      options.policies = TestWorld::ReadyPolicy();
      const AppImage app = Add(options);
      ExpectConfirmed(app);
      ExpectConfirmed(app);
    }
  }
}

TEST_F(RecoveryTest, LegacyLayerLongerThanItsPlacement_IsRefused) {
  AppOptions options;
  options.without_sizes = true;
  AppImage app = Add(options);
  device_->cloud().layer(app.layers[0].fetch_digest).resize(100'000);
  ExpectRefused(app, wire::Verdict::kFailed, Code::kLayerTooLong, nullptr);
}

}  // namespace
}  // namespace strata::sim
