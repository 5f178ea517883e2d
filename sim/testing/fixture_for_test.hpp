// SPDX-License-Identifier: Apache-2.0
/// UpdateFixture: one simulated device and the words in which tests speak of it.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "strata/sim/panic.hpp"

#include "world_for_test.hpp"

namespace strata::sim {

class UpdateFixture : public ::testing::Test {
 protected:
  UpdateFixture() : world_(*FindSimProfile("stm32")), device_(Make(7)) {}

  std::unique_ptr<Device> Make(std::uint64_t seed) const {
    SetRunId(::testing::UnitTest::GetInstance()->current_test_info()->name());
    return std::make_unique<Device>(world_.profile(), world_.persona(), seed);
  }

  AppImage Ready(std::string name, std::uint64_t content, bool encrypted = false) {
    AppOptions options;
    options.name = std::move(name);
    options.content = content;
    options.encrypted = encrypted;
    options.policies = TestWorld::ReadyPolicy();
    return Add(options);
  }

  AppImage Add(const AppOptions& options) {
    const AppImage app = world_.MakeApp(options);
    device_->AddApp(app);
    return app;
  }

  /// Deploys, runs to the end and returns what the cloud believes.
  SimCloud::Outcome DeployAndRun(const AppImage& app) {
    const wire::Deployment deployment = device_->Deploy(app);
    EXPECT_TRUE(device_->RunUntilSettled());
    const auto outcome = device_->cloud().OutcomeOf(deployment.id);
    EXPECT_TRUE(outcome.has_value());
    return outcome.value_or(SimCloud::Outcome{});
  }

  void ExpectConfirmed(const AppImage& app) {
    EXPECT_EQ(DeployAndRun(app).verdict, wire::Verdict::kConfirmed);
    EXPECT_EQ(device_->CheckRuns(&app), "");
  }

  void ExpectRefused(const AppImage& app, wire::Verdict verdict, Code code, const AppImage* still) {
    const SimCloud::Outcome outcome = DeployAndRun(app);
    EXPECT_EQ(outcome.verdict, verdict);
    EXPECT_EQ(outcome.error.code, code);
    EXPECT_EQ(device_->CheckRuns(still), "");
    EXPECT_EQ(device_->snapshot().last_error.code, code);
  }

  TestWorld world_;
  std::unique_ptr<Device> device_;
};

}  // namespace strata::sim
