// SPDX-License-Identifier: Apache-2.0
/// Log: what a Linux device tells the person who watches it, one line per fact, beginning with the
/// time in UTC:
///   2026-11-22T17:00:00Z state FetchingLayers -> Staged (deployment 1a2b…)
/// Role: writes lines; decides nothing. Lines are never split by another writer of the same
/// descriptor. Security: bytes that are not printable ASCII become '.', so that nothing a device
/// repeats can steer a terminal. Callers never pass a secret.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "strata/core/error.hpp"

namespace strata::device {

class Log {
 public:
  /// Writes to `fd`, which outlives the log and is not closed by it.
  explicit Log(int fd) : fd_(fd) {}

  /// A descriptor that does not take the line loses it; the device goes on after 0.1 s at most.
  void Line(std::string_view text);

 private:
  [[nodiscard]] bool MayWrite();

  int fd_;
  bool stuck_ = false;
};

/// "2026-11-22T17:00:00Z".
[[nodiscard]] std::string IsoTime(std::time_t time);

/// `text` with every byte that is not printable ASCII as '.'.
[[nodiscard]] std::string Printable(std::string_view text);

/// "fetching a layer: the layer's bytes have another hash (LayerHashMismatch, code 300, detail 2);
/// do this".
[[nodiscard]] std::string Describe(const Error& error);

}  // namespace strata::device
