// SPDX-License-Identifier: Apache-2.0
// The engine's behaviour, seen from outside, over simulated ports and real bundles.
#include <gtest/gtest.h>

#include "fixture_for_test.hpp"

namespace strata::sim {
namespace {

using UpdateTest = UpdateFixture;

TEST_F(UpdateTest, FreshDevice_WithoutDeployment_RunsNothing) {
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(nullptr), "");
}

TEST_F(UpdateTest, FirstInstall_InClear_IsConfirmedByReceipt) {
  ExpectConfirmed(Ready("v1", 1));
}

TEST_F(UpdateTest, FirstInstall_Encrypted_IsConfirmedByReceipt) {
  ExpectConfirmed(Ready("v1", 1, true));
}

TEST_F(UpdateTest, Update_WithExternalLayer_WritesBothMedia) {
  ExpectConfirmed(Ready("v1", 1));
  AppOptions options;
  options.name = "v2";
  options.content = 2;
  options.encrypted = true;
  options.external_bytes = 9000;
  options.policies = TestWorld::ReadyPolicy();
  ExpectConfirmed(Add(options));
}

TEST_F(UpdateTest, Update_ThenOlderAppAgain_BothConfirmed) {
  const AppImage v1 = Ready("v1", 1, true);
  const AppImage v2 = Ready("v2", 2, true);
  ExpectConfirmed(v1);
  ExpectConfirmed(v2);
  ExpectConfirmed(v1);
}

TEST_F(UpdateTest, ShorterApp_LeavesNoByteOfTheLonger) {
  AppOptions options;
  options.name = "long";
  options.image_bytes = 60'000;
  options.policies = TestWorld::ReadyPolicy();
  ExpectConfirmed(Add(options));
  options.name = "short";
  options.content = 2;
  options.image_bytes = 3'000;
  ExpectConfirmed(Add(options));
}

TEST_F(UpdateTest, GoodUpdate_NeedsAtMostEightRecords) {
  ExpectConfirmed(Ready("v1", 1));
  const std::uint64_t before = device_->journal_programs();
  ExpectConfirmed(Ready("v2", 2));
  EXPECT_LE(device_->journal_programs() - before, 8U);
}

TEST_F(UpdateTest, SameAppInNewDeployment_ConfirmsWithoutDownloadOrWriting) {
  const AppImage v1 = Ready("v1", 1, true);
  ExpectConfirmed(v1);
  const std::uint64_t served = device_->cloud().layer_bytes_served();
  const std::uint64_t erased = device_->internal().wear().erased_units;
  ExpectConfirmed(v1);
  EXPECT_EQ(device_->cloud().layer_bytes_served(), served);
  EXPECT_EQ(device_->internal().wear().erased_units, erased);
}

TEST_F(UpdateTest, LayerHeldInOtherSlot_IsNotDownloadedAgain) {
  AppOptions options;
  options.name = "v1";
  options.policies = TestWorld::ReadyPolicy();
  ExpectConfirmed(Add(options));
  const std::uint64_t served = device_->cloud().layer_bytes_served();
  options.name = "v2";
  options.tail_content = 99;
  const AppImage v2 = Add(options);
  ExpectConfirmed(v2);
  std::size_t changed = 0;
  for (std::size_t i = 1; i < v2.layers.size(); ++i) {
    changed += v2.layers[i].fetched.size();
  }
  EXPECT_EQ(device_->cloud().layer_bytes_served() - served, changed);
}

TEST_F(UpdateTest, RestartCounterChanged_RestartsTheAppOnceAndStaysRestarted) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  const int starts = device_->app().starts();
  for (const std::uint32_t counter : {1U, 1U, 7U, 7U}) {
    device_->cloud().SetDesired({.deployment = std::nullopt, .restart_counter = counter});
    EXPECT_TRUE(device_->RunUntilSettled());
    EXPECT_EQ(device_->app().starts() - starts, counter == 1 ? 1 : 2) << counter;
    EXPECT_EQ(device_->CheckRuns(&v1), "");
  }
}

TEST_F(UpdateTest, RestartCounterAndNewAppInOneState_EndInTheNewApp) {
  ExpectConfirmed(Ready("v1", 1));
  const AppImage v2 = Ready("v2", 2);
  const wire::Deployment deployment = device_->Deploy(v2);
  device_->cloud().SetDesired({.deployment = deployment, .restart_counter = 3});
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v2), "");
}

TEST_F(UpdateTest, AppThatNeverSaysReady_IsReverted) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  AppOptions options;
  options.name = "mute";
  options.content = 2;
  options.policies = TestWorld::ReadyPolicy();
  options.script.ready_after_ms.reset();
  ExpectRefused(Add(options), wire::Verdict::kReverted, Code::kTrialExpired, &v1);
}

TEST_F(UpdateTest, AppThatCrashes_IsReverted) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  AppOptions options;
  options.name = "crash";
  options.content = 2;
  options.policies = TestWorld::ReadyPolicy();
  options.script.ready_after_ms.reset();
  options.script.crash_after_ms = 50;
  ExpectRefused(Add(options), wire::Verdict::kReverted, Code::kAppCrashed, &v1);
}

TEST_F(UpdateTest, AppThatDoesNotStart_IsReverted) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  AppOptions options;
  options.name = "dead";
  options.content = 2;
  options.script.start_fails = true;
  ExpectRefused(Add(options), wire::Verdict::kReverted, Code::kAppStartFailed, &v1);
}

TEST_F(UpdateTest, FirstInstallThatFails_LeavesNoApp) {
  AppOptions options;
  options.name = "crash";
  options.script.crash_after_ms = 50;
  ExpectRefused(Add(options), wire::Verdict::kReverted, Code::kAppCrashed, nullptr);
}

TEST_F(UpdateTest, LegacyAppWithoutTrialPolicy_ConfirmsBySurviving) {
  AppOptions options;
  options.script.ready_after_ms.reset();
  const AppImage app = Add(options);
  const std::uint64_t before = device_->clock().NowMs();
  ExpectConfirmed(app);
  EXPECT_GE(device_->clock().NowMs() - before, 30'000U);
}

TEST_F(UpdateTest, ThirdOfThreeUpdatesFails_SecondRunsAgain) {
  const AppImage v1 = Ready("v1", 1);
  const AppImage v2 = Ready("v2", 2);
  ExpectConfirmed(v1);
  ExpectConfirmed(v2);
  AppOptions options;
  options.name = "crash";
  options.content = 3;
  options.policies = TestWorld::ReadyPolicy();
  options.script.crash_after_ms = 0;
  ExpectRefused(Add(options), wire::Verdict::kReverted, Code::kAppCrashed, &v2);
}

TEST_F(UpdateTest, DamagedLayerInCloud_IsRefusedAfterBoundedTries) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  const AppImage v2 = Ready("v2", 2);
  device_->cloud().layer(v2.layers[1].fetch_digest)[100] ^= 1;
  const std::uint64_t served = device_->cloud().layer_bytes_served();
  ExpectRefused(v2, wire::Verdict::kFailed, Code::kLayerHashMismatch, &v1);
  EXPECT_LE(device_->cloud().layer_bytes_served() - served,
            v2.layers[0].fetched.size() + 3 * v2.layers[1].fetched.size());
}

TEST_F(UpdateTest, WrongMeasurementInManifest_IsRefusedBeforeAnythingIsWritten) {
  for (const bool encrypted : {false, true}) {
    device_ = Make(encrypted ? 8 : 9);
    const AppImage v1 = Ready("v1", 1);
    ExpectConfirmed(v1);
    const std::uint64_t erased = device_->internal().wear().erased_units;
    AppOptions options;
    options.name = "v2";
    options.content = 2;
    options.encrypted = encrypted;
    options.wrong_measurement = true;
    options.policies = TestWorld::ReadyPolicy();
    ExpectRefused(Add(options), wire::Verdict::kFailed, Code::kMeasurementMismatch, &v1);
    EXPECT_EQ(device_->internal().wear().erased_units, erased);
  }
}

TEST_F(UpdateTest, ShortLayer_IsRefused) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  const AppImage v2 = Ready("v2", 2);
  device_->cloud().layer(v2.layers[0].fetch_digest).resize(4000);
  ExpectRefused(v2, wire::Verdict::kFailed, Code::kLayerTooShort, &v1);
}

TEST_F(UpdateTest, FailedDeployment_IsNotTriedAgainUntilNewDeployment) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  const AppImage v2 = Ready("v2", 2);
  device_->cloud().layer(v2.layers[0].fetch_digest)[0] ^= 1;
  ExpectRefused(v2, wire::Verdict::kFailed, Code::kLayerHashMismatch, &v1);
  device_->PowerOff();
  const std::uint64_t served = device_->cloud().layer_bytes_served();
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->cloud().layer_bytes_served(), served);
  device_->cloud().layer(v2.layers[0].fetch_digest)[0] ^= 1;
  ExpectConfirmed(v2);
}

TEST_F(UpdateTest, UnknownSigner_IsRefusedBeforeAnyLayerIsFetched) {
  const auto stranger = bundle::PrivateKey::Generate();
  ASSERT_TRUE(stranger.ok());
  AppOptions options;
  options.signer = &stranger.value();
  const AppImage app = Add(options);
  ExpectRefused(app, wire::Verdict::kFailed, Code::kSignerUnknown, nullptr);
  EXPECT_EQ(device_->cloud().layer_bytes_served(), 0U);
}

TEST_F(UpdateTest, UnknownLayerKey_IsRefusedBeforeAnyLayerIsFetched) {
  const auto stranger = bundle::PrivateKey::Generate();
  ASSERT_TRUE(stranger.ok());
  AppOptions options;
  options.encrypted = true;
  options.layer_key = &stranger.value();
  ExpectRefused(Add(options), wire::Verdict::kFailed, Code::kDecryptionKeyMissing, nullptr);
  EXPECT_EQ(device_->cloud().layer_bytes_served(), 0U);
}

TEST_F(UpdateTest, FlippedManifest_IsRefused) {
  AppImage app = Ready("v1", 1);
  app.manifest.back() ^= 1;
  device_->cloud().AddManifest(app.manifest_hash, app.manifest);
  ExpectRefused(app, wire::Verdict::kFailed, Code::kManifestHashMismatch, nullptr);
}

TEST_F(UpdateTest, ForgedSignature_IsRefused) {
  AppImage app = Ready("v1", 1);
  app.manifest.back() ^= 1;  // the signature is the envelope's last field
  app.manifest_hash = bundle::Sha256(app.manifest);
  device_->cloud().AddManifest(app.manifest_hash, app.manifest);
  ExpectRefused(app, wire::Verdict::kFailed, Code::kSignatureInvalid, nullptr);
}

TEST_F(UpdateTest, LowerSecurityCounter_IsRefused) {
  AppOptions options;
  options.name = "v1";
  options.policies = TestWorld::ReadyPolicy();
  options.policies.security_counter = 5;
  const AppImage v1 = Add(options);
  ExpectConfirmed(v1);
  EXPECT_EQ(device_->snapshot().security_counter, 5U);
  options.name = "v0";
  options.content = 2;
  options.policies.security_counter = 4;
  ExpectRefused(Add(options), wire::Verdict::kFailed, Code::kSecurityCounterTooLow, &v1);
}

TEST_F(UpdateTest, FailedTrial_DoesNotAdvanceSecurityCounter) {
  AppOptions options;
  options.policies = TestWorld::ReadyPolicy();
  options.policies.security_counter = 9;
  options.script.crash_after_ms = 0;
  ExpectRefused(Add(options), wire::Verdict::kReverted, Code::kAppCrashed, nullptr);
  EXPECT_EQ(device_->snapshot().security_counter, 0U);
}

TEST_F(UpdateTest, NewerKernelNeeded_IsRefused) {
  AppOptions options;
  options.policies.minimum_kernel_version = engine::kKernelVersion + 1;
  ExpectRefused(Add(options), wire::Verdict::kFailed, Code::kKernelTooOld, nullptr);
}

}  // namespace
}  // namespace strata::sim
