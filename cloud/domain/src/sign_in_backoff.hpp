// SPDX-License-Identifier: Apache-2.0
/// SignInBackoff: how soon who failed to sign in may try again. Role: counts attempts per address
/// and SID, in this process only; never locks an account, since another address is not kept
/// waiting. Context: thread-safe; bounded memory. Reference: docs/spec/console.md.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "strata/cloud/domain/resources.hpp"

namespace strata::cloud {

class SignInBackoff {
 public:
  static constexpr std::uint32_t kFreeAttempts = 5;
  static constexpr int kLongestWaitSec = 15 * 60;
  static constexpr UnixSeconds kForgetSec = 60 * 60;
  static constexpr std::size_t kMostEntries = 10'000;

  /// Counts an attempt and gives 0, or gives the seconds until one may be made; that one is not
  /// counted.
  [[nodiscard]] int Begin(std::string_view address, std::string_view sid, UnixSeconds now);
  /// The attempt was good: what went before is forgotten.
  void Succeeded(std::string_view address, std::string_view sid);

 private:
  struct Entry {
    std::uint32_t attempts = 0;
    UnixSeconds last = 0;
  };

  using Key = std::pair<std::string, std::string>;

  /// Drops what is old; when that is nothing, the entry that was quiet for longest.
  void MakeRoom(UnixSeconds now);

  std::mutex mutex_;
  std::map<Key, Entry> entries_;
};

}  // namespace strata::cloud
