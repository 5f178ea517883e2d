// SPDX-License-Identifier: Apache-2.0
#include "log_poster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata::device {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kDevice = "UV0123456789abcdef0123456789abcdef";

class LogPosterTest : public testing::Test {
 protected:
  void Step() {
    poster_.Step(
        [this](ByteSpan batch) {
          const auto decoded = wire::DecodeLogBatch(batch);
          EXPECT_TRUE(decoded.ok());
          sent_.clear();
          for (std::uint32_t i = 0; takes_ && i < decoded->count; ++i) {
            sent_.emplace_back(AsText(decoded->lines[i].text));
          }
          batches_ += takes_ ? 1 : 0;
          return takes_;
        },
        [this] { return std::exchange(answer_, std::nullopt); },
        now_);
  }

  LogPoster poster_{*DeviceSid::Parse(kDevice)};
  LogPoster::SteadyTime now_{std::chrono::hours(1)};
  std::vector<std::string> sent_;
  std::optional<Status> answer_;
  int batches_ = 0;
  bool takes_ = true;
};

TEST_F(LogPosterTest, UntilTheDesiredStateIsKnown_LinesWait) {
  poster_.AddAppLine("boot", now_);
  Step();
  EXPECT_EQ(batches_, 0);
  poster_.SetWanted(true, now_);
  Step();
  EXPECT_THAT(sent_,
              ElementsAre("boot", "Connection established for device " + std::string(kDevice)));
}

TEST_F(LogPosterTest, Unwanted_NothingIsKeptOrSent) {
  poster_.AddAppLine("boot", now_);
  poster_.SetWanted(false, now_);
  poster_.AddAppLine("private", now_);
  Step();
  poster_.SetWanted(true, now_);
  now_ += milliseconds(5'000);
  Step();
  EXPECT_THAT(sent_, ElementsAre("Connection established for device " + std::string(kDevice)));
  answer_ = Status();
  poster_.AddAppLine("late", now_);
  poster_.SetWanted(false, now_);
  now_ += milliseconds(5'000);
  sent_.clear();
  Step();
  EXPECT_THAT(sent_, IsEmpty());
}

TEST_F(LogPosterTest, OneBatchASecond_AndOneAtATime) {
  poster_.SetWanted(true, now_);
  Step();
  EXPECT_EQ(batches_, 1);
  poster_.AddAppLine("next", now_);
  now_ += milliseconds(5'000);
  Step();
  EXPECT_EQ(batches_, 1) << "the first one has not arrived";
  answer_ = Status();
  Step();
  EXPECT_EQ(batches_, 2);
  answer_ = Status();
  poster_.AddAppLine("soon", now_);
  Step();
  EXPECT_EQ(batches_, 2);
  EXPECT_EQ(poster_.Wait(now_), LogPoster::kSpacing);
  now_ += LogPoster::kSpacing;
  Step();
  EXPECT_THAT(sent_, ElementsAre("soon"));
}

TEST_F(LogPosterTest, Failures_AreTriedAgainWithGrowingPauses) {
  poster_.SetWanted(true, now_);
  Step();
  milliseconds waited{};
  for (int i = 0; i < 8; ++i) {
    answer_ = Status(Fail(Code::kCloudUnreachable, Op::kReport, 429));
    const int before = batches_;
    Step();
    EXPECT_EQ(batches_, before);
    const milliseconds pause = poster_.Wait(now_);
    EXPECT_GE(pause, waited);
    EXPECT_LE(pause, LogPoster::kLongestPause);
    waited = pause;
    now_ += pause;
    Step();
    EXPECT_EQ(batches_, before + 1);
  }
  EXPECT_EQ(waited, LogPoster::kLongestPause);
  EXPECT_EQ(sent_.size(), 1U) << "the same line each time";
}

TEST_F(LogPosterTest, NoConnectionWanted_KeepsTheLines) {
  takes_ = false;
  poster_.SetWanted(true, now_);
  poster_.AddAppLine("kept", now_);
  Step();
  takes_ = true;
  now_ += LogPoster::kSpacing;
  Step();
  EXPECT_EQ(sent_.size(), 2U);
}

TEST_F(LogPosterTest, Words_AreTheOriginalsWhereItHadOnes) {
  EXPECT_EQ(LogWords(engine::State::kApplying, {}), "INSTALLING_APP");
  EXPECT_EQ(LogWords(engine::State::kStarting, {}), "STARTING_NEW_APP");
  EXPECT_EQ(LogWords(engine::State::kConfirmed, {}), "COMPLETE");
  EXPECT_EQ(LogWords(engine::State::kFetchingLayers, {}), "FETCHING_LAYERS");
  EXPECT_EQ(LogWords(engine::State::kFailed, Fail(Code::kMeasurementMismatch, Op::kVerifyStaged)),
            "FAILED: MeasurementMismatch, code 305");
}

}  // namespace
}  // namespace strata::device
