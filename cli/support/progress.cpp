// SPDX-License-Identifier: Apache-2.0
#include "support/progress.hpp"

#include <algorithm>

#include "support/text.hpp"

namespace strata::cli {

namespace {

constexpr std::size_t kCells = 30;

}  // namespace

std::string BarText(std::string_view label, std::uint64_t done, std::uint64_t total) {
  std::string text = Printable(label);
  if (total == 0) {
    return text;
  }
  const std::uint64_t shown = std::min(done, total);
  const auto filled = static_cast<std::size_t>(shown * kCells / total);
  const std::string percent = std::to_string(shown * 100 / total);
  text += " [" + std::string(filled, '#') + std::string(kCells - filled, '-') + "] ";
  text += std::string(3 - percent.size(), ' ') + percent + "%  ";
  return text + HumanBytes(shown) + " / " + HumanBytes(total);
}

ProgressBar::ProgressBar(const Session& session)
    : session_(session), visible_(session.context.err_is_tty && session.Shows(LogLevel::kInfo)) {}

void ProgressBar::Show(std::string_view label, std::uint64_t done, std::uint64_t total) {
  if (!visible_) {
    return;
  }
  const std::string text = BarText(label, done, total);
  if (text != drawn_) {
    session_.context.err << '\r' << text << "\x1b[K" << std::flush;
    drawn_ = text;
  }
}

void ProgressBar::Clear() {
  if (!drawn_.empty()) {
    session_.context.err << "\r\x1b[K" << std::flush;
    drawn_.clear();
  }
}

}  // namespace strata::cli
