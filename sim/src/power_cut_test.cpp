// SPDX-License-Identifier: Apache-2.0
// Every flash operation of an update, cut before, inside and after it. STRATA_SIM_ID=<id> runs one
// printed case again.
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "world_for_test.hpp"

namespace strata::sim {
namespace {

enum AppIndex : std::size_t { kV1, kV2Encrypted, kCrashing };

std::vector<AppImage> MakeApps(const TestWorld& world) {
  const std::uint32_t unit = world.profile().internal_erase_unit_bytes;
  AppOptions v1;
  v1.name = "v1";
  v1.image_bytes = 14'000;
  v1.layer_bytes = unit;
  v1.policies = TestWorld::ReadyPolicy();
  AppOptions v2 = v1;
  v2.name = "v2";
  v2.content = 2;
  v2.encrypted = true;
  v2.external_bytes = 5000;
  AppOptions crashing = v1;
  crashing.name = "crashing";
  crashing.content = 3;
  crashing.script.ready_after_ms.reset();
  crashing.script.crash_after_ms = 0;
  return {world.MakeApp(v1), world.MakeApp(v2), world.MakeApp(crashing)};
}

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> kScenarios = {
      {"first-install", {}, {kV1, wire::Verdict::kConfirmed}},
      {"update-enc", {{kV1, wire::Verdict::kConfirmed}}, {kV2Encrypted, wire::Verdict::kConfirmed}},
      {"revert", {{kV1, wire::Verdict::kConfirmed}}, {kCrashing, wire::Verdict::kReverted}},
      {"revert-to-nothing", {}, {kCrashing, wire::Verdict::kReverted}},
      {"three-updates",
       {{kV1, wire::Verdict::kConfirmed}, {kV2Encrypted, wire::Verdict::kConfirmed}},
       {kCrashing, wire::Verdict::kReverted}},
  };
  return kScenarios;
}

const Scenario* FindScenario(const std::string& name) {
  for (const Scenario& scenario : Scenarios()) {
    if (scenario.name == name) {
      return &scenario;
    }
  }
  return nullptr;
}

/// Cuts every `stride`-th operation in all three ways; returns how many cases ran.
std::uint64_t Sweep(const Scenario& scenario,
                    const std::string& geometry,
                    std::uint64_t stride,
                    std::uint64_t seed) {
  const TestWorld world(*FindSimProfile(geometry));
  const std::vector<AppImage> apps = MakeApps(world);
  Runner runner(world.profile(), world.persona(), apps, scenario);
  const std::uint64_t operations = runner.CountOperations(seed);
  std::uint64_t cases = 0;
  for (std::uint64_t at = seed % stride; at < operations; at += stride) {
    for (const CutKind kind : {CutKind::kBefore, CutKind::kInside, CutKind::kAfter}) {
      const Cut cut{at, kind};
      const std::string wrong = runner.Run(cut, seed + at);
      EXPECT_EQ(wrong, "") << "STRATA_SIM_ID=" << runner.IdOf(cut, seed + at).Text();
      ++cases;
    }
  }
  return cases;
}

struct SweepCase {
  const char* scenario;
  const char* geometry;
  std::uint64_t stride;
  std::uint64_t seed;
};

class PowerCut : public ::testing::TestWithParam<SweepCase> {};

TEST_P(PowerCut, AnywhereInFlashOperation_EndsInExactlyOneApp) {
  const SweepCase& sweep = GetParam();
  const Scenario* scenario = FindScenario(sweep.scenario);
  ASSERT_NE(scenario, nullptr);
  const std::uint64_t cases = Sweep(*scenario, sweep.geometry, sweep.stride, sweep.seed);
  EXPECT_GT(cases, 0U);
  std::printf("%s/%s: %llu power cuts\n",
              sweep.scenario,
              sweep.geometry,
              static_cast<unsigned long long>(cases));
}

INSTANTIATE_TEST_SUITE_P(Exhaustive,
                         PowerCut,
                         ::testing::Values(SweepCase{"first-install", "stm32", 1, 1},
                                           SweepCase{"update-enc", "stm32", 1, 2},
                                           SweepCase{"revert", "stm32", 1, 3},
                                           SweepCase{"revert-to-nothing", "stm32", 1, 4},
                                           SweepCase{"three-updates", "stm32", 1, 5}),
                         [](const auto& test) {
                           std::string name =
                               std::string(test.param.scenario) + "_" + test.param.geometry;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

INSTANTIATE_TEST_SUITE_P(Geometries,
                         PowerCut,
                         ::testing::Values(SweepCase{"update-enc", "qspi", 5, 11},
                                           SweepCase{"update-enc", "small", 5, 12},
                                           SweepCase{"update-enc", "big", 3, 13},
                                           SweepCase{"revert", "small", 7, 14},
                                           SweepCase{"revert", "big", 3, 15}),
                         [](const auto& test) {
                           std::string name =
                               std::string(test.param.scenario) + "_" + test.param.geometry;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(PowerCutRerun, CaseFromEnvironment_Holds) {
  const char* text = std::getenv("STRATA_SIM_ID");
  if (text == nullptr) {
    GTEST_SKIP() << "STRATA_SIM_ID is not set";
  }
  const auto id = CaseId::Parse(text);
  ASSERT_TRUE(id.has_value());
  const Scenario* scenario = FindScenario(id->scenario);
  const HardwareProfile* profile = FindSimProfile(id->geometry);
  ASSERT_TRUE(scenario != nullptr && profile != nullptr);
  const TestWorld world(*profile);
  const std::vector<AppImage> apps = MakeApps(world);
  Runner runner(*profile, world.persona(), apps, *scenario);
  EXPECT_EQ(runner.Run(id->cut, id->seed), "");
}

}  // namespace
}  // namespace strata::sim
