// SPDX-License-Identifier: Apache-2.0
// When a device is connected, and who may debug it: policies count from the start of the app that
// carries them and never before.
#include <gtest/gtest.h>

#include "fixture_for_test.hpp"

namespace strata::sim {
namespace {

constexpr std::uint32_t kCheckInSec = 3600;
constexpr std::uint32_t kGraceSec = 20;

class NetworkPolicyTest : public UpdateFixture {
 protected:
  AppImage Sleepy(std::uint64_t content, bool crashes = false) {
    AppOptions options;
    options.name = "sleepy";
    options.content = content;
    options.policies = TestWorld::ReadyPolicy();
    options.policies.minimum_check_in_time_sec = kCheckInSec;
    options.policies.connection_grace_time_sec = kGraceSec;
    if (crashes) {
      options.script.ready_after_ms.reset();
      options.script.crash_after_ms = 500;
    }
    return Add(options);
  }

  /// Steps for so long, in simulated time.
  void RunFor(std::uint64_t ms) {
    const std::uint64_t end = device_->clock().NowMs() + ms;
    while (device_->clock().NowMs() < end) {
      const engine::Activity activity = device_->engine()->Step();
      if (!activity.more_work) {
        const std::uint64_t left = end - device_->clock().NowMs();
        device_->clock().Advance(std::clamp<std::uint64_t>(activity.wait_ms, 1, left));
      }
    }
  }
};

TEST_F(NetworkPolicyTest, WithoutAnApp_StaysConnected) {
  ASSERT_TRUE(device_->BootOnce());
  RunFor(10'000'000);
  EXPECT_TRUE(device_->cloud().connected());
}

TEST_F(NetworkPolicyTest, SleepyApp_ChecksInOnceAnHour) {
  ExpectConfirmed(Sleepy(1));
  RunFor(std::uint64_t{kGraceSec} * 1000);
  EXPECT_FALSE(device_->cloud().connected());
  const int before = device_->cloud().check_ins();
  RunFor(std::uint64_t{10} * kCheckInSec * 1000);
  EXPECT_EQ(device_->cloud().check_ins() - before, 10);
}

TEST_F(NetworkPolicyTest, DeployedWhileApart_IsInstalledAtTheNextCheckIn) {
  ExpectConfirmed(Sleepy(1));
  RunFor(60'000);
  const AppImage v2 = Ready("v2", 2);
  const wire::Deployment deployment = device_->Deploy(v2);
  RunFor(std::uint64_t{kCheckInSec} * 1000 - 600'000);
  EXPECT_FALSE(device_->cloud().OutcomeOf(deployment.id).has_value());
  RunFor(900'000);
  EXPECT_EQ(device_->CheckRuns(&v2), "");
  EXPECT_TRUE(device_->cloud().connected()) << "v2 does not want to be apart";
  RunFor(std::uint64_t{2} * kCheckInSec * 1000);
  EXPECT_TRUE(device_->cloud().connected());
}

TEST_F(NetworkPolicyTest, UnreachableCloud_IsTriedUntilItAnswers) {
  ExpectConfirmed(Sleepy(1));
  RunFor(60'000);
  device_->cloud().SetReachable(false);
  RunFor(std::uint64_t{2} * kCheckInSec * 1000);
  EXPECT_TRUE(device_->cloud().connected());
  device_->cloud().SetReachable(true);
  RunFor(60'000);
  EXPECT_FALSE(device_->cloud().connected());
}

TEST_F(NetworkPolicyTest, PolicyOfAnAppThatFails_EndsWithIt) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  ExpectRefused(Sleepy(2, true), wire::Verdict::kReverted, Code::kAppCrashed, &v1);
  RunFor(std::uint64_t{3} * kCheckInSec * 1000);
  EXPECT_TRUE(device_->cloud().connected());
}

TEST_F(NetworkPolicyTest, StagedSleepyApp_DoesNotDisconnectBeforeItRuns) {
  AppOptions options;
  options.name = "polite";
  options.policies = TestWorld::ReadyPolicy();
  options.policies.maximum_politeness_time_sec = 7200;
  options.script.defers = true;
  ExpectConfirmed(Add(options));
  device_->Deploy(Sleepy(2));
  RunFor(3'600'000);
  ASSERT_EQ(device_->engine()->snapshot().state, engine::State::kStaged);
  EXPECT_TRUE(device_->cloud().connected());
}

}  // namespace
}  // namespace strata::sim
