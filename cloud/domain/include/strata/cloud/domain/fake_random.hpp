// SPDX-License-Identifier: Apache-2.0
/// FakeRandom: a reproducible sequence for tests, and one that fails on demand. Never for anything
/// secret. Thread-safe.
#pragma once

#include <mutex>
#include <random>

#include "strata/cloud/domain/random.hpp"

namespace strata::cloud {

class FakeRandom final : public Random {
 public:
  explicit FakeRandom(std::uint64_t seed = 1) : engine_(seed) {}

  Status Fill(MutableByteSpan out) override {
    const std::lock_guard lock(mutex_);
    if (failing_) {
      return Fail(Code::kEntropyFailed);
    }
    for (std::uint8_t& byte : out) {
      byte = static_cast<std::uint8_t>(engine_());
    }
    return {};
  }

  void SetFailing(bool failing) {
    const std::lock_guard lock(mutex_);
    failing_ = failing;
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
  bool failing_ = false;
};

}  // namespace strata::cloud
