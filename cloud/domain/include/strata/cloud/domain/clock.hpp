// SPDX-License-Identifier: Apache-2.0
/// Clock: the calendar, for dates in resources and for deadlines. Role: lets rules be tested
/// without waiting. Not for measuring durations: it may jump when the machine's clock is set.
/// Context: thread-safe, does not block. The real one belongs to the program's `main`.
#pragma once

#include "strata/cloud/domain/resources.hpp"

namespace strata::cloud {

class Clock {
 public:
  virtual ~Clock() = default;
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  /// Seconds since 1970-01-01T00:00:00Z.
  [[nodiscard]] virtual UnixSeconds Now() = 0;

  /// The same in microseconds, as far as the clock knows them.
  [[nodiscard]] virtual UnixMicros NowMicros() { return Now() * 1'000'000; }
};

}  // namespace strata::cloud
