// SPDX-License-Identifier: Apache-2.0
/// LogRing: lines of the device's log on their way to the cloud, bounded. The oldest go first when
/// there are too many, and are counted. Role: keeps and encodes; does not send (log_poster.hpp).
/// Context: single thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "strata/core/bytes.hpp"
#include "strata/format/wire/wire.hpp"

namespace strata::device {

class LogRing {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kMaxBytes = 64 * 1024;  ///< a line counts its text and 32 bytes

  /// Longer text is cut to wire::kMaxLogTextBytes.
  void Append(wire::LogKind kind, std::string_view text, SteadyTime now);

  [[nodiscard]] bool empty() const { return lines_.empty() && dropped_ == 0; }

  /// Fills the start of `out` (≥ wire::kMaxLogBatchBytes) with a LogBatch of the oldest lines,
  /// which stay until Delivered() or Returned(); returns how much. Not empty(), and no batch is on
  /// its way.
  std::size_t TakeBatch(SteadyTime now, MutableByteSpan out);

  /// The batch on its way arrived: its lines go.
  void Delivered();
  /// It did not: they are the next batch's again.
  void Returned();

  void Clear();

 private:
  struct Line {
    wire::LogKind kind;
    SteadyTime time;
    std::string text;
  };

  void DropOldest();

  std::deque<Line> lines_;
  std::size_t bytes_ = 0;
  std::size_t on_way_ = 0;  ///< lines at the front that a batch took
  std::uint32_t dropped_ = 0;
  std::uint32_t dropped_on_way_ = 0;  ///< of these the batch told
};

}  // namespace strata::device
