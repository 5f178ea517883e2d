// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/jobs/clock_watch.hpp"

#include <cstdlib>

namespace strata::cloud {

bool ClockWatch::Look(UnixSeconds now, std::chrono::seconds steady) {
  const UnixSeconds apart_sec = now - steady.count();
  if (!since_ || std::abs(apart_sec - apart_sec_) > kSlackSec) {
    since_ = steady;
  }
  apart_sec_ = apart_sec;
  return steady - *since_ >= kLongEnough;
}

}  // namespace strata::cloud
