// SPDX-License-Identifier: Apache-2.0
#include "rate_limiter.hpp"

#include <algorithm>

namespace strata::cloud {

int RateLimiter::Take(const AccountSid& account, UnixSeconds now) {
  if (permits_ == 0) {
    return 0;
  }
  const std::lock_guard lock(mutex_);
  Bucket& bucket = buckets_.try_emplace(account, Bucket{full_, now}).first->second;
  const UnixSeconds passed = now - bucket.since;
  if (passed > 0) {
    // A long pause fills it; the bound keeps the product small.
    const auto seconds = static_cast<std::uint64_t>(
        std::min<UnixSeconds>(passed, static_cast<UnixSeconds>(full_ / permits_ + 1)));
    bucket.credit = std::min(full_, bucket.credit + seconds * permits_);
  }
  bucket.since = now;
  if (bucket.credit >= period_sec_) {
    bucket.credit -= period_sec_;
    return 0;
  }
  const std::uint64_t missing = period_sec_ - bucket.credit;
  return static_cast<int>((missing + permits_ - 1) / permits_);
}

}  // namespace strata::cloud
