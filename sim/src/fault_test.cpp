// SPDX-License-Identifier: Apache-2.0
// One call of one port fails once: the device still ends in exactly one app, and the cloud's view
// is true. A fixed slice; `make sim` fails each call.
#include <algorithm>

#include <gtest/gtest.h>

#include "strata/sim/explorer.hpp"

#include "scenarios_for_test.hpp"

namespace strata::sim {
namespace {

class FaultTest : public ::testing::TestWithParam<PortName> {
 protected:
  /// Sets how many calls the port has in this scenario, and fails about `cases` of them.
  static void FailSome(const char* scenario, std::uint64_t cases) {
    SweepWorld world(*FindSweptScenario(scenario), *FindSimProfile("stm32"), 3);
    ASSERT_EQ(world.runner().Start(3), "");
    ASSERT_EQ(world.runner().Finish(), "");
    const std::uint64_t calls = world.runner().device().FaultsOf(GetParam()).calls() -
                                world.runner().CallsBefore(GetParam());
    Explorer explorer(world.runner());
    explorer.FailCalls(3, GetParam(), std::max<std::uint64_t>(1, calls / cases));
    EXPECT_EQ(explorer.tally().failures, 0U);
    EXPECT_GT(explorer.tally().faults, 0U);
  }
};

TEST_P(FaultTest, DuringEncryptedUpdate_EndsInExactlyOneApp) {
  FailSome("update-encrypted", 40);
}

TEST_P(FaultTest, DuringRevert_EndsInExactlyOneApp) {
  FailSome("revert-two-media", 10);
}

INSTANTIATE_TEST_SUITE_P(EachPort, FaultTest, ::testing::ValuesIn(kAllPorts), [](const auto& test) {
  return std::string(NameOf(test.param));
});

}  // namespace
}  // namespace strata::sim
