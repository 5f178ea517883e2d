// SPDX-License-Identifier: Apache-2.0
/// MonotonicClock: the Clock port over the machine's steady clock.
#pragma once

#include <chrono>

#include "strata/engine/ports/clock.hpp"

namespace strata::device {

class MonotonicClock final : public ports::Clock {
 public:
  [[nodiscard]] std::uint64_t NowMs() override {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  }
};

}  // namespace strata::device
