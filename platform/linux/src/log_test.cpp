// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/linux/log.hpp"

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "strata/core/result.hpp"

namespace strata::device {
namespace {

TEST(Log, Line_Always_BeginsWithTimeAndHidesControlCharacters) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  Log log(ends[1]);
  log.Line("app: \x1b[2Jhello\n");
  ::close(ends[1]);
  std::array<char, 256> text{};
  const ssize_t got = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  ASSERT_GT(got, 0);
  const std::string line(text.data(), static_cast<std::size_t>(got));
  EXPECT_THAT(line, ::testing::MatchesRegex("....-..-..T..:..:..Z app: .*\n"));
  EXPECT_TRUE(line.ends_with("Z app: .[2Jhello.\n"));
}

TEST(Log, Line_ToAReaderThatSleeps_IsDroppedInsteadOfWaitingForIt) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  Log log(ends[1]);
  for (int i = 0; i < 1000; ++i) {
    log.Line(std::string(1000, 'x'));
  }
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Log, IsoTime_OfKnownSecond_IsUtc) {
  EXPECT_EQ(IsoTime(1'795'366'800), "2026-11-22T17:00:00Z");
}

TEST(Log, Describe_OfAnError_NamesOperationCodeDetailAndNextStep) {
  const std::string text = Describe(Fail(Code::kLayerHashMismatch, Op::kFetchLayer, 2));
  EXPECT_EQ(text.find("fetching"), 0U);
  EXPECT_NE(text.find("(LayerHashMismatch, code 300, detail 2); "), std::string::npos);
}

}  // namespace
}  // namespace strata::device
