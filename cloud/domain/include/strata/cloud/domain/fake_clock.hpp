// SPDX-License-Identifier: Apache-2.0
/// FakeClock: stands still until a test moves it. Thread-safe.
#pragma once

#include <atomic>

#include "strata/cloud/domain/clock.hpp"

namespace strata::cloud {

class FakeClock final : public Clock {
 public:
  explicit FakeClock(UnixSeconds now = 1'700'000'000) : now_(now) {}

  [[nodiscard]] UnixSeconds Now() override { return now_; }

  void Advance(UnixSeconds seconds) { now_ += seconds; }

 private:
  std::atomic<UnixSeconds> now_;
};

}  // namespace strata::cloud
