// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/jobs/clock_watch.hpp"

#include <gtest/gtest.h>

namespace strata::cloud {
namespace {

constexpr UnixSeconds kHour = 3600;
constexpr UnixSeconds kStart = 1'700'000'000;

class Watch : public testing::Test {
 protected:
  /// A look `later` by the steady clock, `ahead` of the right time.
  bool LookAfter(UnixSeconds later, UnixSeconds ahead = 0) {
    steady_ += later;
    return watch_.Look(kStart + steady_ + ahead, std::chrono::seconds(steady_));
  }

  ClockWatch watch_;
  UnixSeconds steady_ = 77;
};

TEST_F(Watch, FirstLook_BelievesNothing) {
  EXPECT_FALSE(LookAfter(0));
  EXPECT_FALSE(LookAfter(60));
  EXPECT_TRUE(LookAfter(kHour));
  EXPECT_TRUE(LookAfter(1));
}

TEST_F(Watch, ClockThatWasSet_IsBelievedAgainLater) {
  LookAfter(0);
  EXPECT_TRUE(LookAfter(kHour));
  EXPECT_FALSE(LookAfter(kHour, 400 * 24 * kHour)) << "ahead";
  EXPECT_FALSE(LookAfter(kHour)) << "and set right";
  EXPECT_TRUE(LookAfter(kHour));
  EXPECT_FALSE(LookAfter(kHour, -301)) << "put back";
}

TEST_F(Watch, ClockThatDrifts_IsBelieved) {
  LookAfter(0);
  for (int hour = 1; hour < 10; ++hour) {
    EXPECT_TRUE(LookAfter(kHour, hour * UnixSeconds{300}));
  }
}

}  // namespace
}  // namespace strata::cloud
