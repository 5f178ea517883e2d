// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "support/csv.hpp"

// What was read and written again reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first =
      strata::cli::ParseCsv(std::string_view(reinterpret_cast<const char*>(data), size));
  std::string text = "\xEF\xBB\xBF";  // so that none of the first cell is taken for one
  for (const auto& row : first.rows) {
    text += strata::cli::CsvLine(row.cells);
  }
  const auto second = strata::cli::ParseCsv(text);
  if (second.open_quote_line != 0 || second.rows.size() != first.rows.size()) {
    std::abort();
  }
  for (std::size_t i = 0; i < first.rows.size(); ++i) {
    if (first.rows[i].cells != second.rows[i].cells) {
      std::abort();
    }
  }
  return 0;
}
