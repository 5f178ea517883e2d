// SPDX-License-Identifier: Apache-2.0
// Published numbers that are counts, so that they hold on every machine.
#include <gtest/gtest.h>

#include "numbers_for_test.hpp"

namespace strata::sim {
namespace {

constexpr std::uint64_t kMostRecords = 8;
constexpr double kMostOverMinimum = 1.05;

TEST(Numbers, GoodUpdateOfMebibyte_NeedsFewRecordsAndHardlyAFlashOperationTooMany) {
  for (const bool encrypted : {false, true}) {
    const UpdateCost cost = CostOfMebibyte(encrypted);
    EXPECT_LE(cost.journal_records, kMostRecords);
    EXPECT_LE(cost.Ratio(), kMostOverMinimum);
    EXPECT_GE(cost.Ratio(), 1.0);
  }
}

TEST(Numbers, UpdateOfHalf_LeavesTheOtherHalfAlone) {
  const UpdateCost cost = CostOfMebibyte(true, 512 * 1024);
  EXPECT_LE(cost.journal_records, kMostRecords);
  EXPECT_LE(cost.Ratio(), kMostOverMinimum);
  EXPECT_GE(cost.Ratio(), 1.0);
}

}  // namespace
}  // namespace strata::sim
