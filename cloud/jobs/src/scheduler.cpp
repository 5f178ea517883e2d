// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/jobs/scheduler.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace strata::cloud {
namespace {

constexpr UnixSeconds kLongestPauseSec = 60;  // so that a clock that was set is noticed

std::string Run(const Job& job, const std::stop_token& stop) {
  try {
    return job(stop);
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

}  // namespace

void Scheduler::Add(std::string name, UnixSeconds every_sec, Job job) {
  entries_.push_back({every_sec, std::move(job)});
  const std::lock_guard lock(mutex_);
  states_.push_back({.name = std::move(name)});
}

UnixSeconds Scheduler::DueIn(std::size_t index) const {
  const Entry& entry = entries_[index];
  if (!entry.ran) {
    return 0;
  }
  const std::lock_guard lock(mutex_);
  const UnixSeconds since = clock_.Now() - states_[index].last_run;
  return since < 0 ? 0 : std::max<UnixSeconds>(entry.every_sec - since, 0);
}

UnixSeconds Scheduler::RunDue(const std::stop_token& stop) {
  for (std::size_t i = 0; i < entries_.size() && !stop.stop_requested(); ++i) {
    if (DueIn(i) > 0) {
      continue;
    }
    std::string problem = Run(entries_[i].job, stop);
    entries_[i].ran = true;
    const std::lock_guard lock(mutex_);
    states_[i].last_run = clock_.Now();
    states_[i].problem = std::move(problem);
  }
  UnixSeconds next = kLongestPauseSec;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    next = std::min(next, DueIn(i));
  }
  return std::max<UnixSeconds>(next, 1);
}

std::vector<JobState> Scheduler::States() const {
  const std::lock_guard lock(mutex_);
  return states_;
}

}  // namespace strata::cloud
