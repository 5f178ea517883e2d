// SPDX-License-Identifier: Apache-2.0
/// The real clock and random generator.
#pragma once

#include <cerrno>
#include <ctime>
#include <string>

#include <sys/random.h>
#include <unistd.h>

#include "strata/cloud/domain/clock.hpp"
#include "strata/cloud/domain/random.hpp"
#include "strata/cloud/domain/resources.hpp"

namespace strata::cloud {

class SystemClock final : public Clock {
 public:
  UnixSeconds Now() override { return static_cast<UnixSeconds>(std::time(nullptr)); }

  UnixMicros NowMicros() override {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return UnixMicros{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
  }
};

class SystemRandom final : public Random {
 public:
  Status Fill(MutableByteSpan out) override {
    while (!out.empty()) {
      const ssize_t got = getrandom(out.data(), out.size(), 0);
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got <= 0) {
        return Fail(Code::kEntropyFailed);
      }
      out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
  }
};

/// Whoever runs this process, for the audit log.
inline Origin LocalOrigin() {
  return {.actor = "local:" + std::to_string(::getuid())};
}

}  // namespace strata::cloud
