// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/jobs/job_thread.hpp"

#include <chrono>

namespace strata::cloud {

JobThread::JobThread(Scheduler& scheduler)
    : thread_([this, &scheduler](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          const UnixSeconds pause_sec = scheduler.RunDue(stop);
          std::unique_lock lock(mutex_);
          wake_.wait_for(lock, stop, std::chrono::seconds(pause_sec), [] { return false; });
        }
      }) {}

JobThread::~JobThread() = default;

}  // namespace strata::cloud
