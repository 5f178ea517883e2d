// SPDX-License-Identifier: Apache-2.0
#include "support/progress.hpp"

#include <algorithm>
#include <utility>

#include "support/text.hpp"

namespace strata::cli {

namespace {

constexpr std::size_t kMostCells = 30;
constexpr std::size_t kFewestCells = 5;

std::uint64_t PercentOf(std::uint64_t done, std::uint64_t total) {
  return total == 0 ? 0 : std::min(done, total) * 100 / total;
}

}  // namespace

std::string BarText(std::string_view label,
                    std::uint64_t done,
                    std::uint64_t total,
                    std::size_t columns) {
  std::string text = Printable(label);
  if (total != 0) {
    const std::uint64_t shown = std::min(done, total);
    const std::string percent = std::to_string(PercentOf(done, total)) + "%";
    std::string numbers = std::string(5 - percent.size(), ' ') + percent;
    const std::string sizes = "  " + HumanBytes(shown) + " / " + HumanBytes(total);
    if (text.size() + numbers.size() + sizes.size() <= columns) {
      numbers += sizes;  // half a number would be a wrong one
    }
    const std::size_t taken = text.size() + numbers.size() + std::string_view(" []").size();
    const std::size_t cells = columns > taken ? std::min(kMostCells, columns - taken) : 0;
    if (cells >= kFewestCells) {
      const auto filled = static_cast<std::size_t>(shown * cells / total);
      text += " [" + std::string(filled, '#') + std::string(cells - filled, '-') + "]";
    }
    text += numbers;
  }
  return text.substr(0, columns);
}

ProgressBar::ProgressBar(const Session& session)
    : session_(session), visible_(session.context.err_is_tty && session.Shows(LogLevel::kInfo)) {}

void ProgressBar::Show(std::string_view label, std::uint64_t done, std::uint64_t total) {
  if (!visible_) {
    return;
  }
  std::string drawn = std::string(label) + '\0' + std::to_string(PercentOf(done, total));
  if (drawn != drawn_) {
    // The last column stays free: some terminals wrap when it is written.
    const std::size_t columns = session_.context.err_columns;
    session_.context.err << '\r'
                         << BarText(label, done, total, columns - std::min<std::size_t>(columns, 1))
                         << "\x1b[K" << std::flush;
    drawn_ = std::move(drawn);
  }
}

void ProgressBar::Clear() {
  if (!drawn_.empty()) {
    session_.context.err << "\r\x1b[K" << std::flush;
    drawn_.clear();
  }
}

}  // namespace strata::cli
