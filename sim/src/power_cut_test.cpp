// SPDX-License-Identifier: Apache-2.0
// Power cuts before, inside and after flash operations, one to three in a row: a fixed slice of
// what `make sim` sweeps. STRATA_SIM_ID=<id> runs one printed case again.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "strata/sim/explorer.hpp"

#include "scenarios_for_test.hpp"

namespace strata::sim {
namespace {

constexpr std::uint64_t kSampledCases = 12;

struct Group {
  const Scenario* scenario;
  const HardwareProfile* profile;
};

std::vector<Group> Groups() {
  std::vector<Group> groups;
  for (const Scenario& scenario : SweptScenarios()) {
    for (const HardwareProfile& profile : SimProfiles()) {
      groups.push_back({&scenario, &profile});
    }
  }
  return groups;
}

std::string NameOfGroup(const ::testing::TestParamInfo<Group>& test) {
  std::string name = test.param.scenario->name + "_" + std::string(test.param.profile->name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class PowerCut : public ::testing::TestWithParam<Group> {};

TEST_P(PowerCut, SampledUpToThreeInARow_EndsInExactlyOneApp) {
  SweepWorld world(*GetParam().scenario, *GetParam().profile, 1);
  Explorer explorer(world.runner());
  explorer.Sample(1, kSampledCases);
  EXPECT_EQ(explorer.tally().failures, 0U);
  EXPECT_GT(explorer.tally().cases, kSampledCases / 2);
}

INSTANTIATE_TEST_SUITE_P(AllScenarios, PowerCut, ::testing::ValuesIn(Groups()), NameOfGroup);

class EveryCut : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryCut, OfOneUpdate_EndsInExactlyOneApp) {
  SweepWorld world(*FindSweptScenario(GetParam()), *FindSimProfile("stm32"), 2);
  Explorer explorer(world.runner());
  explorer.Exhaust(2, {.deepest = 1});
  EXPECT_EQ(explorer.tally().failures, 0U);
  EXPECT_EQ(explorer.tally().cases, 1 + explorer.tally().operations * std::size(kAllCutKinds));
}

INSTANTIATE_TEST_SUITE_P(Scenarios,
                         EveryCut,
                         ::testing::Values("update-encrypted", "revert"),
                         [](const auto& test) {
                           std::string name(test.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

std::string RunAgain(std::string_view text) {
  const auto id = CaseId::Parse(text);
  const Scenario* scenario = id ? FindSweptScenario(id->scenario) : nullptr;
  const HardwareProfile* profile = id ? FindSimProfile(id->geometry) : nullptr;
  if (scenario == nullptr || profile == nullptr) {
    return "not the id of a case";
  }
  SweepWorld world(*scenario, *profile, id->seed);
  return world.runner().Run(*id);
}

TEST(FailedOnce, Cases_Hold) {
  for (const char* id : {
           // The repair of a layer in the middle was cut: its last chunk read well once.
           "damaged-staged/small:cut=36:seems-done,64:inside,72:inside:seed=2",
           "damaged-staged/small:cut=36:seems-done,72:seems-done:seed=2",
           "damaged-staged/small:cut=36:seems-done,54:inside:seed=3",
       }) {
    EXPECT_EQ(RunAgain(id), "") << id;
  }
}

TEST(PowerCutRerun, CaseFromEnvironment_Holds) {
  const char* text = std::getenv("STRATA_SIM_ID");
  if (text == nullptr) {
    GTEST_SKIP() << "STRATA_SIM_ID is not set";
  }
  EXPECT_EQ(RunAgain(text), "");
}

}  // namespace
}  // namespace strata::sim
