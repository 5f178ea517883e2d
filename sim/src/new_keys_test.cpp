// SPDX-License-Identifier: Apache-2.0
// Keys change by the fleet's chain of messages, at the right time, and apps live with it.
#include <algorithm>

#include <gtest/gtest.h>

#include "keys_fixture_for_test.hpp"

namespace strata::sim {
namespace {

class NewKeysTest : public KeysFixture {
 protected:
  /// Some report about keys alone said this.
  bool Reported(std::uint32_t sequence, Code code) {
    const auto& reports = device_->cloud().reports();
    return std::any_of(reports.begin(), reports.end(), [&](const wire::Report& report) {
      return !report.deployment_id && report.keys_sequence == sequence && report.error.code == code;
    });
  }
};

TEST_F(NewKeysTest, RotationWhileIdle_NewSignerDeploysAndOldOneIsRefused) {
  const AppImage v1 = Signed("v1", 1);
  ExpectConfirmed(v1);
  Issue({.delete_signers = {FirstSigner()}, .add_signers = {third_.public_key()}});
  Run();
  EXPECT_EQ(Position(), 1U);
  EXPECT_TRUE(Reported(1, Code::kOk));
  EXPECT_EQ(device_->CheckRuns(&v1), "") << "the running app stays";
  ExpectRefused(Signed("old", 2), wire::Verdict::kFailed, Code::kSignerUnknown, &v1);
  ExpectConfirmed(Signed("new", 3, &third_));
}

TEST_F(NewKeysTest, BeforeTheFirstInstall_KeysComeBeforeTheDeployment) {
  Issue({.delete_signers = {FirstSigner()}, .add_signers = {third_.public_key()}});
  ExpectRefused(Signed("old", 2), wire::Verdict::kFailed, Code::kSignerUnknown, nullptr);
  EXPECT_EQ(Position(), 1U);
}

TEST_F(NewKeysTest, AsleepThroughFiveRotations_ReplaysTheChain) {
  const AppImage v1 = Signed("v1", 1);
  ExpectConfirmed(v1);
  device_->PowerOff();
  std::vector<bundle::PrivateKey> signers;
  for (int i = 0; i < 5; ++i) {
    Changes body;
    body.delete_signers = {i == 0 ? FirstSigner() : SignerId(signers.back())};
    signers.push_back(NewTestKey());
    body.add_signers = {signers.back().public_key()};
    Issue(body);
  }
  Issue({.delete_signers = {SignerId(second_)}});
  const AppImage v2 = Signed("v2", 2, &signers.back());
  ExpectConfirmed(v2);
  EXPECT_EQ(Position(), 6U);
  ExpectSigner(signers[3], false);
  ExpectSigner(second_, false);
  ExpectRefused(Signed("v3", 3, &signers[3]), wire::Verdict::kFailed, Code::kSignerUnknown, &v2);
}

TEST_F(NewKeysTest, RotationWhileLayersAreFetched_DropsOnlyWhatTheGoneSignerSigned) {
  const AppImage v1 = Signed("v1", 1);
  ExpectConfirmed(v1);
  const AppImage by_first = Signed("by-first", 2);
  wire::Deployment deployment = device_->Deploy(by_first);
  ASSERT_TRUE(StepUntil(engine::State::kFetchingLayers));
  Issue({.delete_signers = {SignerId(second_)}});
  Run();
  EXPECT_EQ(device_->cloud().OutcomeOf(deployment.id)->verdict, wire::Verdict::kConfirmed);
  EXPECT_EQ(device_->CheckRuns(&by_first), "");
  EXPECT_EQ(Position(), 1U);

  deployment = device_->Deploy(v1);
  ASSERT_TRUE(StepUntil(engine::State::kFetchingLayers));
  Issue({.delete_signers = {FirstSigner()}, .add_signers = {third_.public_key()}});
  Run();
  EXPECT_EQ(device_->cloud().OutcomeOf(deployment.id)->verdict, wire::Verdict::kFailed);
  EXPECT_EQ(device_->cloud().OutcomeOf(deployment.id)->error.code, Code::kSignerUnknown);
  EXPECT_EQ(device_->CheckRuns(&by_first), "") << "runs on, though its signer is gone";
}

TEST_F(NewKeysTest, RotationWhileAManifestIsFetched_CountsForIt) {
  const AppImage v1 = Signed("v1", 1);
  ExpectConfirmed(v1);
  const AppImage v2 = Signed("v2", 2);
  const wire::Deployment deployment = device_->Deploy(v2);
  ASSERT_TRUE(StepUntil(engine::State::kFetchingManifest));
  Issue({.delete_signers = {FirstSigner()}});
  Run();
  EXPECT_EQ(device_->cloud().OutcomeOf(deployment.id)->error.code, Code::kSignerUnknown);
  EXPECT_EQ(device_->CheckRuns(&v1), "");
}

TEST_F(NewKeysTest, FromStagedToConfirmed_KeysAreHeldBack) {
  AppOptions polite;
  polite.name = "v1";
  polite.policies = TestWorld::ReadyPolicy();
  polite.policies.maximum_politeness_time_sec = 100;
  polite.script.defers = true;
  const AppImage v1 = Add(polite);
  ExpectConfirmed(v1);
  const AppImage v2 = Signed("v2", 2);
  const wire::Deployment deployment = device_->Deploy(v2);
  ASSERT_TRUE(StepUntil(engine::State::kStaged));
  Issue({.delete_signers = {FirstSigner()}, .add_signers = {third_.public_key()}});
  while (device_->engine()->snapshot().state != engine::State::kConfirmed) {
    EXPECT_EQ(Position(), 0U);
    device_->StepOnce();
  }
  Run();
  EXPECT_EQ(Position(), 1U);
  EXPECT_EQ(device_->cloud().OutcomeOf(deployment.id)->verdict, wire::Verdict::kConfirmed);
  EXPECT_EQ(device_->CheckRuns(&v2), "");
}

TEST_F(NewKeysTest, RevokedSignersApp_SurvivesBootsAndIsRecovered) {
  const AppImage v1 = Signed("v1", 1);
  ExpectConfirmed(v1);
  Issue({.delete_signers = {FirstSigner()}});
  Run();
  device_->PowerOff();
  Run();
  EXPECT_EQ(device_->CheckRuns(&v1), "");
  device_->PowerOff();
  device_->internal().Corrupt(5000, 0x01);
  Run();
  EXPECT_EQ(device_->CheckRuns(&v1), "");
}

TEST_F(NewKeysTest, RevokedSignersApp_IsNotRevertedTo) {
  const AppImage v1 = Signed("v1", 1);
  ExpectConfirmed(v1);
  Issue({.delete_signers = {FirstSigner()}});
  Run();
  const AppImage bad = Crashing(2, &second_);
  ExpectRefused(bad, wire::Verdict::kReverted, Code::kAppCrashed, nullptr);
  EXPECT_TRUE(Reported(1, Code::kSignerUnknown)) << "says that no app is left";
  device_->PowerOff();
  Run();
  EXPECT_EQ(device_->CheckRuns(nullptr), "");
  ExpectConfirmed(Signed("v3", 3, &second_));
}

TEST_F(NewKeysTest, RevokedSignersApp_WithDamagedSlot_IsNotRevertedToEither) {
  const AppImage v1 = Signed("v1", 1);
  ExpectConfirmed(v1);
  Issue({.delete_signers = {FirstSigner()}});
  Run();
  const AppImage bad = Crashing(2, &second_);
  const wire::Deployment deployment = device_->Deploy(bad);
  ASSERT_TRUE(StepUntil(engine::State::kConfirming));
  device_->external().Corrupt(world_.profile().slot_start_bytes + 20, 0x40);  // v1's manifest
  Run();
  EXPECT_EQ(device_->cloud().OutcomeOf(deployment.id)->verdict, wire::Verdict::kReverted);
  EXPECT_EQ(device_->CheckRuns(nullptr), "");
}

TEST_F(NewKeysTest, SignerThatStays_IsRevertedTo) {
  const AppImage v1 = Signed("v1", 1);
  ExpectConfirmed(v1);
  Issue({.delete_signers = {SignerId(second_)}, .add_signers = {third_.public_key()}});
  Run();
  ExpectRefused(Crashing(2, &third_), wire::Verdict::kReverted, Code::kAppCrashed, &v1);
}

TEST_F(NewKeysTest, RetiredLayerKey_StillRevertsAndIsErasedWithItsLastSlot) {
  const AppImage v1 = Signed("v1", 1, nullptr, nullptr, true);
  ExpectConfirmed(v1);
  Issue({.delete_layer_keys = {FirstLayerKey()}, .add_layer_keys = {Wrap(new_layer_)}});
  Run();
  EXPECT_TRUE(*device_->keys().IsRetired(FirstLayerKey()));
  ExpectRefused(Signed("by-retired", 2, nullptr, nullptr, true),
                wire::Verdict::kFailed,
                Code::kDecryptionKeyMissing,
                &v1);
  ExpectRefused(Crashing(3, nullptr), wire::Verdict::kReverted, Code::kAppCrashed, &v1);
  EXPECT_TRUE(*device_->keys().IsRetired(FirstLayerKey())) << "its slot may be applied again";
  ExpectConfirmed(Signed("v2", 4, nullptr, &new_layer_));
  Run();
  EXPECT_EQ(device_->keys().IsRetired(FirstLayerKey()).error().code, Code::kDecryptionKeyMissing);
  const auto& bytes = device_->secure().bytes();
  EXPECT_EQ(
      std::search(bytes.begin(), bytes.end(), layer_scalars_[0].begin(), layer_scalars_[0].end()),
      bytes.end());
}

TEST_F(NewKeysTest, LayerKeyThatNoSlotNeeds_IsErasedAtOnce) {
  ExpectConfirmed(Signed("v1", 1));
  Issue({.delete_layer_keys = {FirstLayerKey()}});
  Run();
  EXPECT_FALSE(device_->keys().FindLayerKey(FirstLayerKey()).ok());
}

TEST_F(NewKeysTest, CloudCas_AreKept) {
  Issue({.cloud_cas = {std::vector<std::uint8_t>(300, 0x30), {0x30, 0x00}}});
  Run();
  std::array<std::uint8_t, kMaxCloudCaBytes> ca{};
  EXPECT_EQ(*device_->keys().ReadCloudCa(0, ca), 300U);
  EXPECT_EQ(*device_->keys().ReadCloudCa(1, ca), 2U);
  EXPECT_EQ(*device_->keys().ReadCloudCa(2, ca), 0U);
}

TEST_F(NewKeysTest, ReportsOfUpdates_NameThePosition) {
  Issue({.add_signers = {third_.public_key()}});
  ExpectConfirmed(Signed("v1", 1));
  const auto& reports = device_->cloud().reports();
  EXPECT_TRUE(std::any_of(reports.begin(), reports.end(), [](const wire::Report& report) {
    return report.deployment_id && report.keys_sequence == 1;
  }));
  const std::size_t before = reports.size();
  device_->PowerOff();
  Run();
  ASSERT_EQ(reports.size(), before + 1) << "after a boot it says where it stands";
  EXPECT_EQ(reports.back().keys_sequence, 1U);
}

}  // namespace
}  // namespace strata::sim
