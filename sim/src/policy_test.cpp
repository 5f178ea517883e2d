// SPDX-License-Identifier: Apache-2.0
// What the running app and the operator may ask of the engine: politeness, restarts, other
// deployments.
#include <gtest/gtest.h>

#include "fixture_for_test.hpp"

namespace strata::sim {
namespace {

class PolicyTest : public UpdateFixture {
 protected:
  AppImage Polite(std::uint32_t seconds,
                  bool defers,
                  std::optional<std::uint64_t> apply_now_after_ms = {}) {
    AppOptions options;
    options.name = "polite";
    options.policies = TestWorld::ReadyPolicy();
    options.policies.maximum_politeness_time_sec = seconds;
    options.script.defers = defers;
    options.script.apply_now_after_ms = apply_now_after_ms;
    return Add(options);
  }

  std::uint64_t TimeOfUpdate(const AppImage& app) {
    const std::uint64_t before = device_->clock().NowMs();
    ExpectConfirmed(app);
    // The runner's last pause before it sees the end belongs to no update.
    return device_->clock().NowMs() - before - 60'000;
  }

  /// Steps until the engine is in `state`; false if it never is.
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

TEST_F(PolicyTest, ImpoliteApp_IsNotAsked) {
  ExpectConfirmed(Ready("v1", 1));
  const int before = device_->app().notices();
  ExpectConfirmed(Ready("v2", 2));
  EXPECT_EQ(device_->app().notices(), before);
}

TEST_F(PolicyTest, DeferringApp_WaitsUpToItsMaximum) {
  ExpectConfirmed(Polite(500, true));
  const std::uint64_t took = TimeOfUpdate(Ready("v2", 2));
  EXPECT_EQ(device_->app().notices(), 1);
  EXPECT_GE(took, 500'000U);
  EXPECT_LT(took, 510'000U);
}

TEST_F(PolicyTest, PoliteAppThatSaysNothing_IsWaitedForItsMaximum) {
  ExpectConfirmed(Polite(500, false));
  const std::uint64_t took = TimeOfUpdate(Ready("v2", 2));
  EXPECT_EQ(device_->app().notices(), 1);
  EXPECT_GE(took, 500'000U);
  EXPECT_LT(took, 510'000U);
}

TEST_F(PolicyTest, PoliteAppThatAsksAtOnce_IsUpdatedAtOnce) {
  ExpectConfirmed(Polite(500, false, 100));
  device_->Deploy(Ready("v2", 2));
  ASSERT_TRUE(StepUntil(engine::State::kStaged));
  device_->clock().Advance(100);
  device_->StepOnce();
  EXPECT_NE(device_->engine()->snapshot().state, engine::State::kStaged);
  EXPECT_TRUE(device_->RunUntilSettled());
}

TEST_F(PolicyTest, DeferringAppThatAsksForIt_IsUpdatedThen) {
  ExpectConfirmed(Polite(5000, true, 1000));
  device_->Deploy(Ready("v2", 2));
  ASSERT_TRUE(StepUntil(engine::State::kStaged));
  device_->clock().Advance(1500);
  device_->StepOnce();
  EXPECT_NE(device_->engine()->snapshot().state, engine::State::kStaged);
  EXPECT_TRUE(device_->RunUntilSettled());
}

TEST_F(PolicyTest, ColdBootWhileDeferred_AppliesBeforeTheAppStarts) {
  ExpectConfirmed(Polite(5000, true));
  const AppImage v2 = Ready("v2", 2);
  device_->Deploy(v2);
  ASSERT_TRUE(StepUntil(engine::State::kStaged));
  const int starts = device_->app().starts();
  device_->PowerOff();
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v2), "");
  EXPECT_EQ(device_->app().starts(), starts + 1);
}

TEST_F(PolicyTest, OtherDeploymentWhileFetching_DropsTheFirst) {
  const AppImage v1 = Ready("v1", 1);
  ExpectConfirmed(v1);
  const wire::Deployment dropped = device_->Deploy(Ready("v2", 2));
  ASSERT_TRUE(StepUntil(engine::State::kFetchingLayers));
  device_->StepOnce();
  const int starts = device_->app().starts();
  ExpectConfirmed(Ready("v3", 3));
  EXPECT_FALSE(device_->cloud().OutcomeOf(dropped.id).has_value());
  EXPECT_EQ(device_->app().starts(), starts + 1) << "the first was installed, too";
}

TEST_F(PolicyTest, OtherDeploymentWhileStaged_DropsTheFirst) {
  ExpectConfirmed(Polite(5000, true));
  const AppImage v2 = Ready("v2", 2);
  device_->Deploy(v2);
  ASSERT_TRUE(StepUntil(engine::State::kStaged));
  const AppImage v3 = Ready("v3", 3);
  device_->Deploy(v3);
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v3), "");
}

TEST_F(PolicyTest, OtherDeploymentWhileApplying_WaitsForTheEnd) {
  ExpectConfirmed(Ready("v1", 1));
  device_->Deploy(Ready("v2", 2));
  ASSERT_TRUE(StepUntil(engine::State::kApplying));
  const AppImage v3 = Ready("v3", 3);
  device_->Deploy(v3);
  ASSERT_TRUE(StepUntil(engine::State::kConfirming));
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&v3), "");
}

TEST_F(PolicyTest, RestartCounterChanged_RestartsTheAppOnce) {
  const AppImage v1 = Ready("v1", 1);
  const wire::Deployment deployment = device_->Deploy(v1);
  EXPECT_TRUE(device_->RunUntilSettled());
  const int starts = device_->app().starts();
  device_->cloud().SetDesired(
      {.deployment = deployment, .restart_counter = 1, .logging_enabled = false});
  for (int i = 0; i < 5; ++i) {
    device_->StepOnce();
  }
  EXPECT_EQ(device_->app().starts(), starts + 1);
  EXPECT_TRUE(device_->app().running());
}

TEST_F(PolicyTest, CrashWithinAllowance_IsForgiven) {
  AppOptions options;
  options.name = "v1";
  options.policies = TestWorld::ReadyPolicy();
  options.policies.trial->crashes_allowed = 3;
  options.policies.trial->window_sec = 4;
  options.script.ready_after_ms.reset();
  options.script.crash_after_ms = 100;
  const AppImage app = Add(options);
  // Crashes at 0.1 s, then after pauses of 1 s and 2 s: three within 4 s are allowed, but ready
  // never comes.
  const SimCloud::Outcome outcome = DeployAndRun(app);
  EXPECT_EQ(outcome.error.code, Code::kTrialExpired);
}

TEST_F(PolicyTest, EngineRestartsDuringTrial_AreNoCrashes) {
  AppOptions options;
  options.name = "v1";
  options.policies = TestWorld::ReadyPolicy();
  options.script.ready_after_ms = 1500;
  const AppImage app = Add(options);
  device_->Deploy(app);
  ASSERT_FALSE(device_->BootOnce() && !StepUntil(engine::State::kConfirming));
  for (int i = 0; i < 5; ++i) {
    device_->PowerOff();
    ASSERT_TRUE(device_->BootOnce());
    ASSERT_TRUE(StepUntil(engine::State::kConfirming));
  }
  EXPECT_TRUE(device_->RunUntilSettled());
  EXPECT_EQ(device_->CheckRuns(&app), "");
}

}  // namespace
}  // namespace strata::sim
