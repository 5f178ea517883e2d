// SPDX-License-Identifier: Apache-2.0
#include "state_log.hpp"

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace strata::device {
namespace {

using ::testing::HasSubstr;

TEST(StateLog, Flush_OfChanges_WritesOneLineEachWithDeploymentAndError) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  Log log(ends[1]);
  std::vector<std::pair<engine::State, Code>> told;
  StateLog states(
      log, [&told](engine::State to, const Error& error) { told.emplace_back(to, error.code); });
  engine::Snapshot now;
  now.update = wire::Deployment{*AppSid::Parse("KA0123456789abcdef0123456789abcdef"),
                                Digest{},
                                wire::DeploymentId{0x1a, 0x2b}};
  states.OnStateChange(engine::State::kFetchingLayers, engine::State::kStaged, {});
  states.OnStateChange(engine::State::kVerifyingStaged,
                       engine::State::kFailed,
                       Fail(Code::kMeasurementMismatch, Op::kVerifyStaged, 3));
  EXPECT_TRUE(states.pending());
  states.Flush(now);
  EXPECT_FALSE(states.pending());
  states.Flush(now);
  EXPECT_THAT(
      told,
      ::testing::ElementsAre(std::pair(engine::State::kStaged, Code::kOk),
                             std::pair(engine::State::kFailed, Code::kMeasurementMismatch)));
  ::close(ends[1]);
  std::string text(4096, '\0');
  const ssize_t got = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text,
              HasSubstr("Z state FetchingLayers -> Staged (deployment "
                        "1a2b0000000000000000000000000000)\n"));
  EXPECT_THAT(text, HasSubstr("(MeasurementMismatch, code 305, detail 3)"));
}

}  // namespace
}  // namespace strata::device
