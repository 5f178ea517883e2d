// SPDX-License-Identifier: Apache-2.0
#include "log_poster.hpp"

#include <algorithm>
#include <cctype>

#include "strata/core/error_text.hpp"

namespace strata::device {

using std::chrono::milliseconds;

std::string LogWords(engine::State state, const Error& error) {
  std::string words;
  switch (state) {
    case engine::State::kApplying:
      words = "INSTALLING_APP";
      break;
    case engine::State::kStarting:
      words = "STARTING_NEW_APP";
      break;
    case engine::State::kConfirmed:
      words = "COMPLETE";
      break;
    default:
      for (const char c : wire::NameOf(state)) {
        const bool capital = c >= 'A' && c <= 'Z';
        words += capital && !words.empty() ? "_" : "";
        words += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      }
  }
  if (error.code != Code::kOk) {
    words.append(": ").append(TextOf(error.code).name).append(", code ");
    words += std::to_string(static_cast<unsigned>(error.code));
  }
  return words;
}

LogPoster::LogPoster(const DeviceSid& device)
    : established_("Connection established for device " + std::string(device.text())),
      batch_(wire::kMaxLogBatchBytes) {}

void LogPoster::Add(wire::LogKind kind, std::string_view text, SteadyTime now) {
  if (wanted_.value_or(true)) {
    ring_.Append(kind, text, now);
  }
}

void LogPoster::AddAppLine(std::string_view line, SteadyTime now) {
  Add(wire::LogKind::kApp, line, now);
}

void LogPoster::AddState(engine::State state, const Error& error, SteadyTime now) {
  if (state != engine::State::kIdle) {
    Add(wire::LogKind::kUpdate, LogWords(state, error), now);
  }
}

void LogPoster::AddConnection(std::string_view words, SteadyTime now) {
  Add(wire::LogKind::kConnection, words.empty() ? std::string_view(established_) : words, now);
}

void LogPoster::SetWanted(std::optional<bool> wanted, SteadyTime now) {
  if (!wanted || wanted == wanted_) {
    return;
  }
  wanted_ = wanted;
  if (*wanted) {
    AddConnection({}, now);
    return;
  }
  // A batch on its way may end; what comes of it means nothing any more.
  ring_.Clear();
}

void LogPoster::Step(const Send& send, const Answer& answer, SteadyTime now) {
  if (on_way_) {
    const std::optional<Status> sent = answer();
    if (!sent) {
      return;
    }
    on_way_ = false;
    if (sent->ok()) {
      ring_.Delivered();
      pause_ = kFirstPause;
    } else {
      ring_.Returned();
      not_before_ = now + pause_;
      pause_ = std::min(2 * pause_, kLongestPause);
    }
  }
  if (!wanted_.value_or(false) || ring_.empty() || now < not_before_) {
    return;
  }
  const std::size_t size = ring_.TakeBatch(now, batch_);
  on_way_ = size > 0 && send(ByteSpan(batch_).first(size));
  not_before_ = now + kSpacing;
  if (!on_way_) {
    ring_.Returned();
  }
}

milliseconds LogPoster::Wait(SteadyTime now) const {
  if (on_way_ || !wanted_.value_or(false) || ring_.empty()) {
    return kLongestPause;
  }
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(not_before_ - now));
}

}  // namespace strata::device
