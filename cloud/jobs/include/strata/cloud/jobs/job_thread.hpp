// SPDX-License-Identifier: Apache-2.0
/// JobThread: a thread that runs a Scheduler's jobs until it goes.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "strata/cloud/jobs/scheduler.hpp"

namespace strata::cloud {

class JobThread {
 public:
  /// `scheduler` outlives it.
  explicit JobThread(Scheduler& scheduler);
  /// Asks the job that runs to stop and waits for it.
  ~JobThread();
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace strata::cloud
