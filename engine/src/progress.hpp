// SPDX-License-Identifier: Apache-2.0
/// Progress: what a bounded piece of work came to. Backoff: growing, jittered pauses.
#pragma once

#include <algorithm>
#include <cstdint>

#include "strata/core/error.hpp"
#include "strata/engine/ports/entropy.hpp"

namespace strata::engine {

struct Progress {
  enum class Kind : std::uint8_t { kMore, kWait, kDone, kFailed };

  Kind kind = Kind::kMore;
  std::uint32_t wait_ms = 0;  ///< kWait
  Error error;                ///< kFailed

  static Progress More() { return {}; }

  static Progress Wait(std::uint32_t ms) { return {Kind::kWait, ms, {}}; }

  static Progress Done() { return {Kind::kDone, 0, {}}; }

  static Progress Failed(const Error& error) { return {Kind::kFailed, 0, error}; }
};

inline constexpr std::uint32_t kBackoffFirstMs = 1000;
inline constexpr std::uint32_t kBackoffMaxMs = 300'000;

/// 1 s, 2 s, … 5 min, each between 75 % and 125 %, so that a fleet does not return in step.
class Backoff {
 public:
  explicit Backoff(ports::Entropy& entropy) : entropy_(entropy) {}

  void Reset() { next_ms_ = kBackoffFirstMs; }

  std::uint32_t NextMs() {
    const std::uint32_t base = next_ms_;
    next_ms_ = std::min(next_ms_ * 2, kBackoffMaxMs);
    std::uint8_t random = 0x80;
    if (!entropy_.Fill(MutableByteSpan(&random, 1))) {
      random = 0x80;
    }
    return base - base / 4 + base / 2 * random / 256;
  }

 private:
  ports::Entropy& entropy_;
  std::uint32_t next_ms_ = kBackoffFirstMs;
};

}  // namespace strata::engine
