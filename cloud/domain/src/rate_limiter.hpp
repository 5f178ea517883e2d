// SPDX-License-Identifier: Apache-2.0
/// RateLimiter: how often each account may do something; a token bucket per account. Role: counts
/// in this process only and forgets at its end. Context: thread-safe; memory grows with the number
/// of accounts.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "strata/cloud/domain/resources.hpp"

namespace strata::cloud {

class RateLimiter {
 public:
  /// `permits` come back in each `period_sec`, and at most `burst` can be saved. 0 permits: no
  /// limit.
  RateLimiter(std::uint32_t permits, std::uint32_t period_sec, std::uint64_t burst)
      : permits_(permits), period_sec_(period_sec), full_(burst * period_sec) {}

  /// Takes a permit and gives 0, or gives the seconds until there is one. A clock that steps back
  /// gives nothing and takes nothing.
  [[nodiscard]] int Take(const AccountSid& account, UnixSeconds now);

 private:
  struct Bucket {
    std::uint64_t credit = 0;  ///< a permit is period_sec_ of it, so that a second brings a whole
    UnixSeconds since = 0;
  };

  const std::uint64_t permits_;
  const std::uint64_t period_sec_;
  const std::uint64_t full_;
  std::mutex mutex_;
  std::map<AccountSid, Bucket> buckets_;
};

}  // namespace strata::cloud
