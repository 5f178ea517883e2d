// SPDX-License-Identifier: Apache-2.0
#include "app_link.hpp"

#include <algorithm>
#include <utility>

namespace strata::device {

std::vector<std::string> LineCutter::Feed(std::string_view data) {
  std::vector<std::string> lines;
  for (const char c : data) {
    if (c == '\n') {
      if (!dropping_) {
        lines.push_back(TakeRest());
      }
      dropping_ = false;
      continue;
    }
    // One more is kept for the carriage return that may stand before the line's end.
    const bool full = line_.size() > limit_bytes_ || (line_.size() == limit_bytes_ && c != '\r');
    if (full && too_long_ == TooLong::kCut) {
      lines.push_back(TakeRest());
    }
    if (full && too_long_ == TooLong::kDrop) {
      line_.clear();
      dropping_ = true;
    }
    if (!dropping_) {
      line_.push_back(c);
    }
  }
  return lines;
}

std::string LineCutter::TakeRest() {
  std::string line = std::exchange(line_, {});
  if (line.ends_with('\r')) {
    line.pop_back();
  }
  return line;
}

ports::AppEvent EventOf(std::string_view line) {
  if (line == "ready") {
    return ports::AppEvent::kReady;
  }
  if (line == "defer") {
    return ports::AppEvent::kDefer;
  }
  if (line == "apply-now") {
    return ports::AppEvent::kApplyNow;
  }
  return ports::AppEvent::kNone;
}

void EventQueue::Push(ports::AppEvent event) {
  const bool repeats = count_ > 0 && events_[count_ - 1] == event;
  if (event == ports::AppEvent::kNone || repeats || count_ == events_.size()) {
    return;
  }
  events_[count_] = event;
  count_ += 1;
}

ports::AppEvent EventQueue::Pop() {
  if (count_ == 0) {
    return ports::AppEvent::kNone;
  }
  const ports::AppEvent first = events_[0];
  std::copy(events_.begin() + 1, events_.end(), events_.begin());
  count_ -= 1;
  return first;
}

void EventQueue::Clear() {
  count_ = 0;
}

}  // namespace strata::device
