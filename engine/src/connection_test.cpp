// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <gtest/gtest.h>

namespace strata::engine {
namespace {

constexpr std::uint32_t kNever = 0xFFFFFFFF;

Connection With(std::uint32_t check_in_sec, std::uint32_t grace_sec) {
  Connection connection;
  connection.SetPolicy({check_in_sec, grace_sec});
  return connection;
}

TEST(Connection, WithoutCheckInTime_StaysConnected) {
  Connection connection = With(0, 0);
  EXPECT_TRUE(connection.Decide(0, false));
  connection.OnAnswer(10);
  EXPECT_TRUE(connection.Decide(1'000'000, false));
  EXPECT_EQ(connection.WaitMs(1'000'000), kNever);
}

TEST(Connection, AfterABoot_AsksAtOnceAndClosesAfterTheGraceTime) {
  Connection connection = With(60, 5);
  EXPECT_TRUE(connection.Decide(100'000, false));
  EXPECT_TRUE(connection.Decide(190'000, false)) << "no answer yet: nothing was achieved";
  connection.OnAnswer(200'000);
  EXPECT_TRUE(connection.Decide(204'999, false));
  EXPECT_EQ(connection.WaitMs(204'999), 1U);
  EXPECT_FALSE(connection.Decide(205'000, false));
  EXPECT_EQ(connection.WaitMs(205'000), 55'000U);
}

TEST(Connection, ChecksInOneIntervalAfterTheLastAnswer) {
  Connection connection = With(60, 0);
  ASSERT_TRUE(connection.Decide(100'000, false));
  connection.OnAnswer(100'000);
  EXPECT_FALSE(connection.Decide(100'000, false));
  EXPECT_FALSE(connection.Decide(159'999, false));
  EXPECT_TRUE(connection.Decide(160'000, false));
  EXPECT_TRUE(connection.Decide(160'001, false))
      << "an answer to an earlier check-in counts no more";
}

TEST(Connection, BusinessKeepsAndOpensIt) {
  Connection connection = With(60, 5);
  connection.Decide(100'000, false);
  connection.OnAnswer(100'000);
  EXPECT_TRUE(connection.Decide(150'000, true));
  EXPECT_TRUE(connection.Decide(154'999, false)) << "the grace time begins with the last use";
  EXPECT_FALSE(connection.Decide(155'000, false));
  EXPECT_TRUE(connection.Decide(156'000, true));
}

TEST(Connection, GraceTimeThatReachesTheNextCheckIn_StaysConnected) {
  Connection connection = With(60, 60);
  connection.Decide(0, false);
  connection.OnAnswer(0);
  EXPECT_TRUE(connection.Decide(59'000, false));
  EXPECT_TRUE(connection.Decide(600'000, false));
}

TEST(Connection, LongestTimes_DoNotOverflow) {
  Connection connection = With(0xFFFFFFFF, 0xFFFFFFFE);
  connection.Decide(1000, false);
  connection.OnAnswer(1000);
  EXPECT_TRUE(connection.Decide(1001, false));
  EXPECT_EQ(connection.WaitMs(1001), kNever);
}

}  // namespace
}  // namespace strata::engine
