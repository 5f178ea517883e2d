// SPDX-License-Identifier: Apache-2.0
/// UnsentBodies: the bytes of long answers that each account has asked for and not taken yet. Role:
/// bounds the memory that somebody who asks and does not read can hold. Context: thread-safe.
/// Reference: docs/spec/rest.md "Limits".
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>

#include "strata/core/sid.hpp"

namespace strata::cloud::http {

class UnsentBodies {
 public:
  /// Shorter answers are not counted: how many there are at a time is bounded by the connections.
  static constexpr std::size_t kCountedFrom = 64UL * 1024;
  static constexpr std::size_t kPerAccount = 32UL * 1024 * 1024;

  /// Counts until it goes; the UnsentBodies outlives it.
  class Hold {
   public:
    Hold(UnsentBodies& owner, const AccountSid& account, std::size_t bytes)
        : owner_(&owner), account_(account), bytes_(bytes) {}

    ~Hold() { owner_->Drop(account_, bytes_); }

    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    UnsentBodies* owner_;
    AccountSid account_;
    std::size_t bytes_;
  };

  /// Puts a Hold into `hold`; false: the account has too much under way. One answer is always
  /// allowed, however long.
  [[nodiscard]] bool Take(const AccountSid& account, std::size_t bytes, std::optional<Hold>& hold);

 private:
  void Drop(const AccountSid& account, std::size_t bytes);

  std::mutex mutex_;
  std::map<AccountSid, std::size_t> bytes_;
};

}  // namespace strata::cloud::http
