// SPDX-License-Identifier: Apache-2.0
/// ClockWatch: whether the calendar can be believed enough to delete for good by it. Role: compares
/// what it is told, and reads no clock itself. Context: one thread.
/// Reference: docs/spec/audit.md "Checkpoint".
#pragma once

#include <chrono>
#include <optional>

#include "strata/cloud/domain/resources.hpp"

namespace strata::cloud {

class ClockWatch {
 public:
  /// Chosen: what synchronizes a clock has done so by then, and a person has noticed.
  static constexpr std::chrono::minutes kLongEnough{50};

  /// At `now` by the calendar and `steady` by a clock that nobody sets, both since any moment.
  /// Whether from look to look they went on alike, within five minutes, for kLongEnough.
  bool Look(UnixSeconds now, std::chrono::seconds steady);

 private:
  static constexpr UnixSeconds kSlackSec = 5 * 60;

  std::optional<std::chrono::seconds> since_;  ///< when they began to go on alike
  UnixSeconds apart_sec_ = 0;                  ///< at the last look
};

}  // namespace strata::cloud
