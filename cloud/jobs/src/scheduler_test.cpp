// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/jobs/scheduler.hpp"

#include <atomic>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strata/cloud/domain/fake_clock.hpp"
#include "strata/cloud/jobs/job_thread.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;

class Schedule : public testing::Test {
 protected:
  Job Note(std::string name) {
    return [this, name](const std::stop_token&) {
      ran_.push_back(name);
      return std::string();
    };
  }

  std::vector<std::string> Ran() { return std::exchange(ran_, {}); }

  FakeClock clock_;
  Scheduler scheduler_{clock_};
  std::stop_source stop_;
  std::vector<std::string> ran_;
};

TEST_F(Schedule, Jobs_RunAtOnceAndThenWhenTheyAreDue) {
  scheduler_.Add("often", 10, Note("often"));
  scheduler_.Add("seldom", 30, Note("seldom"));
  EXPECT_EQ(scheduler_.RunDue(stop_.get_token()), 10);
  EXPECT_THAT(Ran(), ElementsAre("often", "seldom"));
  clock_.Advance(9);
  EXPECT_EQ(scheduler_.RunDue(stop_.get_token()), 1);
  EXPECT_THAT(Ran(), ElementsAre());
  clock_.Advance(1);
  scheduler_.RunDue(stop_.get_token());
  EXPECT_THAT(Ran(), ElementsAre("often"));
  clock_.Advance(1000);
  scheduler_.RunDue(stop_.get_token());
  EXPECT_THAT(Ran(), ElementsAre("often", "seldom")) << "missed times are not made up for";
}

TEST_F(Schedule, ClockPutBack_MakesEverythingDue) {
  scheduler_.Add("job", 10, Note("job"));
  scheduler_.RunDue(stop_.get_token());
  clock_.Advance(-5000);
  scheduler_.RunDue(stop_.get_token());
  EXPECT_THAT(Ran(), ElementsAre("job", "job"));
}

TEST_F(Schedule, JobThatFailsOrThrows_DisturbsNobodyAndIsTriedAgain) {
  scheduler_.Add("fails", 10, [](const std::stop_token&) { return std::string("no luck"); });
  scheduler_.Add("throws", 10, [](const std::stop_token&) -> std::string {
    throw std::runtime_error("boom");
  });
  scheduler_.Add("works", 10, Note("works"));
  scheduler_.RunDue(stop_.get_token());
  clock_.Advance(10);
  scheduler_.RunDue(stop_.get_token());
  EXPECT_THAT(Ran(), ElementsAre("works", "works"));
  const auto states = scheduler_.States();
  EXPECT_EQ(states[0].problem, "no luck");
  EXPECT_EQ(states[1].problem, "boom");
  EXPECT_EQ(states[2].problem, "");
  EXPECT_EQ(states[2].last_run, clock_.Now());
}

TEST_F(Schedule, Stop_EndsTheRound) {
  scheduler_.Add("stops", 10, [this](const std::stop_token&) {
    stop_.request_stop();
    return std::string();
  });
  scheduler_.Add("never", 10, Note("never"));
  scheduler_.RunDue(stop_.get_token());
  EXPECT_THAT(Ran(), ElementsAre());
}

TEST(JobThreads, Going_StopsTheJobThatRuns) {
  FakeClock clock;
  Scheduler scheduler(clock);
  std::atomic<bool> begun = false;
  std::atomic<bool> stopped = false;
  scheduler.Add("long", 10, [&](const std::stop_token& stop) {
    begun = true;
    begun.notify_all();
    while (!stop.stop_requested()) {
      std::this_thread::yield();
    }
    stopped = true;
    return std::string();
  });
  {
    const JobThread thread(scheduler);
    begun.wait(false);
  }
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace strata::cloud
