// SPDX-License-Identifier: Apache-2.0
#include "unsent_bodies.hpp"

namespace strata::cloud::http {

bool UnsentBodies::Take(const AccountSid& account, std::size_t bytes, std::optional<Hold>& hold) {
  {
    const std::lock_guard lock(mutex_);
    std::size_t& held = bytes_[account];
    if (held != 0 && held + bytes > kPerAccount) {
      return false;
    }
    held += bytes;
  }
  hold.emplace(*this, account, bytes);
  return true;
}

void UnsentBodies::Drop(const AccountSid& account, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = bytes_.find(account);
  found->second -= bytes;
  if (found->second == 0) {
    bytes_.erase(found);
  }
}

}  // namespace strata::cloud::http
