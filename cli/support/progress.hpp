// SPDX-License-Identifier: Apache-2.0
/// A progress bar on stderr, on a terminal only; elsewhere it writes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/session.hpp"

namespace strata::cli {

/// "label [#####-----]  50%  32.0 KiB / 64.0 KiB", the bar up to 30 cells and as long as it fits in
/// `columns`, left out when it does not, and so are the sizes; label only when `total` is 0. Never
/// wider than `columns` as long as the label is ASCII.
std::string BarText(std::string_view label,
                    std::uint64_t done,
                    std::uint64_t total,
                    std::size_t columns = 80);

class ProgressBar {
 public:
  explicit ProgressBar(const Session& session);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  ~ProgressBar() { Clear(); }

  [[nodiscard]] bool visible() const { return visible_; }

  /// Draws over the last one; writes only when the label or the percentage changed.
  void Show(std::string_view label, std::uint64_t done, std::uint64_t total);

  /// Takes the bar away, so that other lines can be printed.
  void Clear();

 private:
  const Session& session_;
  bool visible_;
  std::string drawn_;  ///< label and percentage
};

}  // namespace strata::cli
