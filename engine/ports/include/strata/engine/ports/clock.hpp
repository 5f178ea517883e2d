// SPDX-License-Identifier: Apache-2.0
/// Clock: time since start, for windows and back-off. No calendar: the engine needs none.
#pragma once

#include <cstdint>

namespace strata::ports {

class Clock {
 public:
  virtual ~Clock() = default;
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  /// Milliseconds since an arbitrary start; never goes back while the engine runs.
  [[nodiscard]] virtual std::uint64_t NowMs() = 0;
};

}  // namespace strata::ports
