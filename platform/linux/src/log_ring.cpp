// SPDX-License-Identifier: Apache-2.0
#include "log_ring.hpp"

#include <algorithm>
#include <limits>

namespace strata::device {
namespace {

constexpr std::size_t kLineBytes = 32;

std::uint32_t AgeMs(LogRing::SteadyTime time, LogRing::SteadyTime now) {
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - time).count();
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(age, 0, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

void LogRing::Append(wire::LogKind kind, std::string_view text, SteadyTime now) {
  lines_.push_back({kind, now, std::string(text.substr(0, wire::kMaxLogTextBytes))});
  bytes_ += kLineBytes + lines_.back().text.size();
  while (bytes_ > kMaxBytes && lines_.size() > on_way_) {
    DropOldest();
  }
}

void LogRing::DropOldest() {
  // What is on its way may have arrived: it can't be called lost.
  const auto oldest = lines_.begin() + static_cast<std::ptrdiff_t>(on_way_);
  bytes_ -= kLineBytes + oldest->text.size();
  lines_.erase(oldest);
  dropped_ += dropped_ < std::numeric_limits<std::uint32_t>::max() ? 1 : 0;
}

std::size_t LogRing::TakeBatch(SteadyTime now, MutableByteSpan out) {
  wire::LogBatch batch{.dropped = dropped_, .lines = {}, .count = 0};
  std::size_t room = std::min(out.size(), wire::kMaxLogBatchBytes) - wire::kLogLineRoom;
  for (const Line& line : lines_) {
    const std::size_t size = wire::kLogLineRoom + line.text.size();
    if (batch.count == wire::kMaxLogLines || size > room) {
      break;
    }
    room -= size;
    batch.lines[batch.count++] = {
        .kind = line.kind, .age_ms = AgeMs(line.time, now), .text = AsBytes(line.text)};
  }
  on_way_ = batch.count;
  dropped_on_way_ = dropped_;
  const auto size = wire::Encode(batch, out);
  return size.ok() ? *size : 0;
}

void LogRing::Delivered() {
  for (; on_way_ > 0; --on_way_) {
    bytes_ -= kLineBytes + lines_.front().text.size();
    lines_.pop_front();
  }
  dropped_ -= dropped_on_way_;
  dropped_on_way_ = 0;
}

void LogRing::Returned() {
  on_way_ = 0;
  dropped_on_way_ = 0;
}

void LogRing::Clear() {
  *this = LogRing();
}

}  // namespace strata::device
