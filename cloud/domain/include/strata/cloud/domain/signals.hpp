// SPDX-License-Identifier: Apache-2.0
/// Signals: tells whichever waiting requests belong to a device, or to any device of an account,
/// that the desired state may have changed, and whoever follows something live that there is more.
/// A hint, never the truth: the receiver reads the store
/// again. Thread-safe; must not block.
#pragma once

#include "strata/core/sid.hpp"

namespace strata::cloud {

class Signals {
 public:
  virtual ~Signals() = default;
  Signals() = default;
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Called after the change is committed.
  virtual void DesiredStateChanged(const DeviceSid& device) = 0;
  /// The same for every device of `account`.
  virtual void KeysChanged(const AccountSid& account) = 0;
  /// Lines were added to the device's log.
  virtual void LogsArrived(const DeviceSid& device) = 0;
  /// Something happened in the account.
  virtual void EventsArrived(const AccountSid& account) = 0;
  /// Credentials of the account may no longer hold.
  virtual void AccessChanged(const AccountSid& account) = 0;
};

}  // namespace strata::cloud
