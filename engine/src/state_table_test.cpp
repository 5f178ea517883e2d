// SPDX-License-Identifier: Apache-2.0
#include "state_table.hpp"

#include <set>

#include <gtest/gtest.h>

namespace strata::engine {
namespace {

using S = wire::UpdateState;

TEST(StateTable, EveryRow_IsThereOnceAndSaysWhy) {
  std::set<std::pair<S, S>> seen;
  for (const Transition& row : Transitions()) {
    EXPECT_TRUE(seen.insert({row.from, row.to}).second);
    EXPECT_NE(row.from, row.to);
    EXPECT_FALSE(row.cause.empty());
  }
  for (int from = 1; from <= 13; ++from) {
    for (int to = 1; to <= 13; ++to) {
      const std::pair change(static_cast<S>(from), static_cast<S>(to));
      EXPECT_EQ(MayFollow(change.first, change.second), seen.count(change) != 0);
    }
  }
}

TEST(StateTable, EveryState_CanBeLeftAndReached) {
  std::set<S> left;
  std::set<S> reached;
  for (const Transition& row : Transitions()) {
    left.insert(row.from);
    reached.insert(row.to);
  }
  for (int state = 1; state <= 13; ++state) {
    EXPECT_TRUE(left.count(static_cast<S>(state)) != 0) << state;
    EXPECT_TRUE(reached.count(static_cast<S>(state)) != 0) << state;
  }
}

TEST(StateTable, Applying_IsReachedOnlyFromDryRunOrBoot) {
  for (const Transition& row : Transitions()) {
    if (row.to == S::kApplying) {
      EXPECT_TRUE(row.from == S::kVerifyingStaged || row.from == S::kIdle);
    }
    if (row.to == S::kConfirmed) {
      EXPECT_EQ(row.from, S::kConfirming);
      EXPECT_EQ(row.record, RecordType::kConfirmed);
    }
  }
}

TEST(StateTable, OnceApplying_AnUpdateCannotJustFail) {
  for (const S late : {S::kApplying, S::kStarting, S::kConfirming, S::kReverting}) {
    EXPECT_FALSE(MayFollow(late, S::kFailed));
  }
}

}  // namespace
}  // namespace strata::engine
