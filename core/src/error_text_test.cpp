// SPDX-License-Identifier: Apache-2.0
#include "strata/core/error_text.hpp"

#include <fstream>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace strata {
namespace {

struct Row {
  int code;
  std::string name;
  std::string what;
  std::string next_step;
  friend bool operator==(const Row&, const Row&) = default;
};

std::vector<Row> RowsOfTheDocument() {
  std::ifstream file(STRATA_SOURCE_DIR "/docs/spec/errors.md");
  EXPECT_TRUE(file.is_open());
  std::vector<Row> rows;
  const std::regex form(R"(^\| (\d{3}) \| (\w+) \| (.+) \| (.+) \|$)");
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_match(line, match, form)) {
      rows.push_back({std::stoi(match[1]), match[2], match[3], match[4]});
    }
  }
  return rows;
}

TEST(ErrorText, Table_EqualsTheDocument) {
  std::vector<Row> rows;
  for (const ErrorText& text : ErrorTexts()) {
    rows.push_back({static_cast<int>(text.code),
                    std::string(text.name),
                    std::string(text.what),
                    std::string(text.next_step)});
  }
  EXPECT_EQ(rows, RowsOfTheDocument());
}

TEST(ErrorText, Enumerators_EachHaveOneRow) {
  std::ifstream file(STRATA_SOURCE_DIR "/core/include/strata/core/error.hpp");
  ASSERT_TRUE(file.is_open());
  std::set<int> in_header;
  const std::regex form(R"(^  k\w+ = (\d{3}),$)");
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_match(line, match, form)) {
      EXPECT_TRUE(in_header.insert(std::stoi(match[1])).second) << line;
    }
  }
  std::set<int> in_table;
  for (const ErrorText& text : ErrorTexts()) {
    EXPECT_TRUE(in_table.insert(static_cast<int>(text.code)).second) << text.name;
  }
  EXPECT_EQ(in_header, in_table);
}

TEST(ErrorText, UnknownNumber_ReadsAsInternal) {
  EXPECT_EQ(TextOf(static_cast<Code>(999)).code, Code::kInternal);
  EXPECT_EQ(TextOf(Op::kNone), "");
  EXPECT_EQ(TextOf(Op::kFetchLayer), "fetching a layer");
}

}  // namespace
}  // namespace strata
