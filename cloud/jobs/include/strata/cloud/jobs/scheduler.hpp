// SPDX-License-Identifier: Apache-2.0
/// Scheduler: work that comes round again and again. Role: knows when something is due and how it
/// ended; knows no rule of the cloud. Context: Add() first, then one thread calls RunDue();
/// States() from any thread. A job that fails or throws is run again at its next time; nobody else
/// notices.
#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "strata/cloud/domain/clock.hpp"
#include "strata/cloud/domain/resources.hpp"

namespace strata::cloud {

/// Does a piece of work and returns soon after `stop` is asked for. Empty text: all is well, else
/// what is not, in words for a log.
using Job = std::function<std::string(const std::stop_token& stop)>;

struct JobState {
  std::string name;
  UnixSeconds last_run = 0;  ///< when it ended; 0: never
  std::string problem{};     ///< of the last run
};

class Scheduler {
 public:
  /// `clock` outlives it.
  explicit Scheduler(Clock& clock) : clock_(clock) {}

  /// `job` is due at once, and then `every_sec` after it ended.
  void Add(std::string name, UnixSeconds every_sec, Job job);

  /// Runs what is due, in the order of Add(), until `stop` is asked for. Seconds until something is
  /// due again, at least 1. A clock that was put back makes everything due.
  UnixSeconds RunDue(const std::stop_token& stop);

  [[nodiscard]] std::vector<JobState> States() const;

 private:
  struct Entry {
    UnixSeconds every_sec;
    Job job;
    bool ran = false;
  };

  [[nodiscard]] UnixSeconds DueIn(std::size_t index) const;

  Clock& clock_;
  std::vector<Entry> entries_;
  mutable std::mutex mutex_;  ///< of states_
  std::vector<JobState> states_;
};

}  // namespace strata::cloud
