// SPDX-License-Identifier: Apache-2.0
/// FaultCounter: counts a simulated port's calls and makes one of them fail, once.
#pragma once

#include <cstdint>
#include <functional>

namespace strata::sim {

class FaultCounter {
 public:
  /// Asked at each call, counted from 0 since the device was made: true makes it fail.
  using Chooser = std::function<bool(std::uint64_t call)>;

  /// The n-th call from now on (0: the next one) fails once.
  void FailCall(std::uint64_t n) { fail_in_ = static_cast<std::int64_t>(n); }

  void SetChooser(Chooser chooser) { chooser_ = std::move(chooser); }

  [[nodiscard]] std::uint64_t calls() const { return calls_; }

  /// Once per call of the port.
  bool FailsNow() {
    const std::uint64_t call = calls_++;
    if (chooser_ && chooser_(call)) {
      return true;
    }
    return fail_in_ >= 0 && fail_in_-- == 0;
  }

 private:
  Chooser chooser_;
  std::uint64_t calls_ = 0;
  std::int64_t fail_in_ = -1;
};

}  // namespace strata::sim
