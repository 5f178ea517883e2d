// SPDX-License-Identifier: Apache-2.0
/// What an app's UARTs say, cut into lines and events. Pure. Security: every byte is the app's, so
/// an attacker's. Reference: docs/spec/app-link.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "strata/engine/ports/app.hpp"

namespace strata::device {

/// Cuts a stream into lines without their end ("\n" or "\r\n"). A line longer than the limit is
/// dropped whole or, for a log, cut into pieces of that length.
class LineCutter {
 public:
  enum class TooLong { kDrop, kCut };

  LineCutter(std::size_t limit_bytes, TooLong too_long)
      : limit_bytes_(limit_bytes), too_long_(too_long) {}

  /// The lines that `data` ends, in order.
  std::vector<std::string> Feed(std::string_view data);

  /// What stands there without an end, as a line of its own; for the end of the stream. Empty:
  /// nothing.
  std::string TakeRest();

 private:
  std::size_t limit_bytes_;
  TooLong too_long_;
  std::string line_;
  bool dropping_ = false;
};

inline constexpr std::size_t kMaxLinkLineBytes = 64;

/// kNone for a line that means nothing.
[[nodiscard]] ports::AppEvent EventOf(std::string_view line);

/// Events in their order, at most as many as a patient engine needs: an event equal to the newest
/// one waiting says nothing new, and one for which there is no room is dropped.
class EventQueue {
 public:
  void Push(ports::AppEvent event);
  [[nodiscard]] ports::AppEvent Pop();
  void Clear();

 private:
  std::array<ports::AppEvent, 16> events_{};
  std::size_t count_ = 0;
};

}  // namespace strata::device
