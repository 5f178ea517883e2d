// SPDX-License-Identifier: Apache-2.0
/// CSV as RFC 4180 has it: commas, quotes doubled inside quotes, line breaks inside quotes.
/// Role: cells; knows no columns. Security: the text may come from anywhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace strata::cli {

struct CsvRow {
  std::size_t line = 0;  ///< that it begins in, from 1
  std::vector<std::string> cells;
};

struct CsvText {
  std::vector<CsvRow> rows;  ///< empty lines left out
  /// Where a quote was opened that nothing closes: what begins there is in no row. 0: nowhere.
  std::size_t open_quote_line = 0;
};

/// Takes line ends of either kind, and a byte order mark at the begin. A quote inside a cell that
/// does not begin with one stands for itself.
CsvText ParseCsv(std::string_view text);

/// The row with its line end (LF); cells are quoted where they must be.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace strata::cli
