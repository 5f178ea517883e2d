// SPDX-License-Identifier: Apache-2.0
/// Signals: tells whichever waiting requests belong to a device, or to any device of an account,
/// that the desired state may have changed. A hint, never the truth: the receiver reads the store
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
};

}  // namespace strata::cloud
