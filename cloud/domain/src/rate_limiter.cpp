// SPDX-License-Identifier: Apache-2.0
#include "rate_limiter.hpp"

#include <algorithm>

namespace strata::cloud {

std::uint64_t TokenBucket::CreditAt(const Rate& rate, UnixSeconds now) const {
  const std::uint64_t full = rate.burst * rate.period_sec;
  const UnixSeconds passed = now - since_;
  if (passed <= 0) {
    return credit_;
  }
  // A long pause fills it; the bound keeps the product small.
  const auto seconds = static_cast<std::uint64_t>(
      std::min<UnixSeconds>(passed, static_cast<UnixSeconds>(full / rate.permits + 1)));
  return std::min(full, credit_ + seconds * rate.permits);
}

bool TokenBucket::IsFull(const Rate& rate, UnixSeconds now) const {
  return CreditAt(rate, now) >= rate.burst * rate.period_sec;
}

int TokenBucket::Take(const Rate& rate, UnixSeconds now) {
  credit_ = CreditAt(rate, now);
  since_ = now;
  if (credit_ >= rate.period_sec) {
    credit_ -= rate.period_sec;
    return 0;
  }
  const std::uint64_t missing = rate.period_sec - credit_;
  return static_cast<int>((missing + rate.permits - 1) / rate.permits);
}

}  // namespace strata::cloud
