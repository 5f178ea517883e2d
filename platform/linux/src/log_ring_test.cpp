// SPDX-License-Identifier: Apache-2.0
#include "log_ring.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata::device {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

class LogRingTest : public testing::Test {
 protected:
  void Add(std::string_view text) { ring_.Append(wire::LogKind::kApp, text, now_); }

  /// The next batch's texts; `dropped_` is what it tells.
  std::vector<std::string> Take() {
    std::vector<std::uint8_t> bytes(wire::kMaxLogBatchBytes);
    bytes.resize(ring_.TakeBatch(now_, bytes));
    const auto batch = wire::DecodeLogBatch(bytes);
    EXPECT_TRUE(batch.ok());
    std::vector<std::string> texts;
    for (std::uint32_t i = 0; i < batch->count; ++i) {
      texts.emplace_back(AsText(batch->lines[i].text));
      age_ms_ = batch->lines[i].age_ms;
    }
    dropped_ = batch->dropped;
    return texts;
  }

  LogRing ring_;
  LogRing::SteadyTime now_{};
  std::uint32_t dropped_ = 0;
  std::uint32_t age_ms_ = 0;
};

TEST_F(LogRingTest, Lines_ComeInOrderAndGoWhenDelivered) {
  Add("a");
  now_ += milliseconds(250);
  EXPECT_THAT(Take(), ElementsAre("a"));
  EXPECT_EQ(age_ms_, 250U);
  Add("b");
  ring_.Returned();
  EXPECT_THAT(Take(), ElementsAre("a", "b")) << "what did not arrive goes again";
  ring_.Delivered();
  EXPECT_TRUE(ring_.empty());
}

TEST_F(LogRingTest, TooMany_TheOldestGoAndAreCounted) {
  const std::string line(992, 'x');
  for (int i = 0; i < 70; ++i) {
    Add(line + std::to_string(i));
  }
  const auto first = Take();
  EXPECT_GE(dropped_, 6U);
  EXPECT_EQ(first.at(0), line + std::to_string(dropped_));
  ring_.Delivered();
  EXPECT_FALSE(Take().empty());
  EXPECT_EQ(dropped_, 0U) << "told once";
}

TEST_F(LogRingTest, WhatIsOnItsWay_IsNeverCalledLost) {
  const std::string line(992, 'x');
  for (int i = 0; i < 62; ++i) {
    Add(line + std::to_string(i));
  }
  const auto on_way = Take();
  for (int i = 0; i < 40; ++i) {
    Add(line + "new");
  }
  ring_.Delivered();
  std::size_t lines = on_way.size();
  std::uint32_t lost = 0;
  while (!ring_.empty()) {
    lines += Take().size();
    lost += dropped_;
    ring_.Delivered();
  }
  EXPECT_EQ(lines + lost, 102U);
  EXPECT_GT(lost, 0U);
}

TEST_F(LogRingTest, LongText_IsCutAndBatchesFit) {
  for (int i = 0; i < 64; ++i) {
    Add(std::string(2'000, 'y'));
  }
  const auto texts = Take();
  EXPECT_EQ(texts.size(), 15U);
  EXPECT_EQ(texts.at(0).size(), wire::kMaxLogTextBytes);
}

}  // namespace
}  // namespace strata::device
