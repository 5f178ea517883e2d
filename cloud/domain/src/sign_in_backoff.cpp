// SPDX-License-Identifier: Apache-2.0
#include "sign_in_backoff.hpp"

#include <algorithm>

namespace strata::cloud {
namespace {

int WaitAfter(std::uint32_t attempts) {
  if (attempts < SignInBackoff::kFreeAttempts) {
    return 0;
  }
  constexpr std::uint32_t kDoublings = 10;
  const std::uint32_t doubled = std::min(attempts - SignInBackoff::kFreeAttempts, kDoublings);
  return std::min(1 << doubled, SignInBackoff::kLongestWaitSec);
}

}  // namespace

int SignInBackoff::Begin(std::string_view address, std::string_view sid, UnixSeconds now) {
  const std::lock_guard lock(mutex_);
  Key key(address, sid);
  auto found = entries_.find(key);
  if (found == entries_.end()) {
    if (entries_.size() >= kMostEntries) {
      MakeRoom(now);
    }
    found = entries_.emplace(std::move(key), Entry{}).first;
  }
  Entry& entry = found->second;
  // A clock that steps back makes nobody wait longer than the rule says.
  entry.last = std::min(entry.last, now);
  if (now - entry.last >= kForgetSec) {
    entry = {};
  }
  const int wait_sec = WaitAfter(entry.attempts);
  const UnixSeconds passed = now - entry.last;
  if (entry.attempts > 0 && passed < wait_sec) {
    return static_cast<int>(wait_sec - passed);
  }
  ++entry.attempts;
  entry.last = now;
  return 0;
}

void SignInBackoff::Succeeded(std::string_view address, std::string_view sid) {
  const std::lock_guard lock(mutex_);
  entries_.erase(Key(address, sid));
}

void SignInBackoff::MakeRoom(UnixSeconds now) {
  std::erase_if(entries_, [now](const auto& each) { return now - each.second.last >= kForgetSec; });
  if (entries_.size() >= kMostEntries) {
    entries_.erase(
        std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
          return a.second.last < b.second.last;
        }));
  }
}

}  // namespace strata::cloud
