// SPDX-License-Identifier: Apache-2.0
#include "support/csv.hpp"

#include <algorithm>

namespace strata::cli {
namespace {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  CsvText Read() {
    CsvText out;
    while (!text_.empty()) {
      CsvRow row{.line = line_, .cells = {}};
      bool more = true;
      while (more) {
        row.cells.emplace_back();
        if (!ReadCell(row.cells.back())) {
          out.open_quote_line = row.line;
          return out;
        }
        more = Skip(',');
      }
      if (!Skip('\n') && Skip('\r')) {
        static_cast<void>(Skip('\n'));
      }
      ++line_;
      if (row.cells.size() > 1 || !row.cells.front().empty()) {
        out.rows.push_back(std::move(row));
      }
    }
    return out;
  }

 private:
  bool Skip(char c) {
    if (text_.empty() || text_.front() != c) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }

  /// false: a quote is open at the end.
  bool ReadCell(std::string& cell) {
    const bool quoted = Skip('"');
    while (quoted) {
      const std::size_t quote = text_.find('"');
      if (quote == std::string_view::npos) {
        return false;
      }
      const std::string_view piece = text_.substr(0, quote);
      line_ += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
      cell += piece;
      text_.remove_prefix(quote + 1);
      if (!Skip('"')) {
        break;
      }
      cell += '"';
    }
    const std::string_view plain =
        text_.substr(0, std::min(text_.find_first_of(",\r\n"), text_.size()));
    cell += plain;
    text_.remove_prefix(plain.size());
    return true;
  }

  std::string_view text_;
  std::size_t line_ = 1;
};

}  // namespace

CsvText ParseCsv(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) {
    text.remove_prefix(kMark.size());
  }
  return CsvReader(text).Read();
}

std::string CsvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    line += line.empty() && &cell == &cells.front() ? "" : ",";
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) {
      line += c == '"' ? "\"\"" : std::string(1, c);
    }
    line += '"';
  }
  return line + "\n";
}

}  // namespace strata::cli
