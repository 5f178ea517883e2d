// SPDX-License-Identifier: Apache-2.0
/// RateLimiter: how often each account, device or address may do something; a token bucket for
/// each. Role: counts in this process only and forgets at its end. Context: thread-safe; bounded
/// memory.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "strata/cloud/domain/resources.hpp"

namespace strata::cloud {

/// `permits` come back in each `period_sec`, and at most `burst` can be saved. 0 permits: no limit.
class TokenBucket {
 public:
  struct Rate {
    std::uint32_t permits = 0;
    std::uint32_t period_sec = 1;
    std::uint64_t burst = 0;
  };

  /// Full at `now`.
  TokenBucket(const Rate& rate, UnixSeconds now)
      : credit_(rate.burst * rate.period_sec), since_(now) {}

  /// Takes a permit and gives 0, or gives the seconds until there is one. A clock that steps back
  /// gives nothing and takes nothing.
  [[nodiscard]] int Take(const Rate& rate, UnixSeconds now);

  /// Whether it is as it was at first.
  [[nodiscard]] bool IsFull(const Rate& rate, UnixSeconds now) const;

 private:
  [[nodiscard]] std::uint64_t CreditAt(const Rate& rate, UnixSeconds now) const;

  std::uint64_t credit_;  ///< a permit is period_sec of it, so that a second brings a whole
  UnixSeconds since_;
};

template <typename Who>
class RateLimiter {
 public:
  RateLimiter(std::uint32_t permits, std::uint32_t period_sec, std::uint64_t burst)
      : rate_{permits, period_sec, burst} {}

  /// As TokenBucket::Take().
  [[nodiscard]] int Take(const Who& who, UnixSeconds now) {
    if (rate_.permits == 0) {
      return 0;
    }
    const std::lock_guard lock(mutex_);
    if (buckets_.size() >= kMostBuckets && !buckets_.contains(who)) {
      MakeRoom(now);
    }
    return buckets_.try_emplace(who, rate_, now).first->second.Take(rate_, now);
  }

 private:
  static constexpr std::size_t kMostBuckets = 200'000;
  static constexpr std::size_t kKept = kMostBuckets - kMostBuckets / 16;

  /// Forgets those that are full, which changes nothing for them; when these are few, others too,
  /// which are full then: very many addresses or devices must not take all memory, and one that
  /// comes must not be a look at all of them each time.
  void MakeRoom(UnixSeconds now) {
    std::erase_if(buckets_, [&](const auto& each) { return each.second.IsFull(rate_, now); });
    while (buckets_.size() > kKept) {
      buckets_.erase(buckets_.begin());
    }
  }

  const TokenBucket::Rate rate_;
  std::mutex mutex_;
  std::map<Who, TokenBucket> buckets_;
};

}  // namespace strata::cloud
