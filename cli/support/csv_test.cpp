// SPDX-License-Identifier: Apache-2.0
#include "support/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Csv, Parse_TakesQuotesLineEndsAndMarks) {
  const CsvText text = ParseCsv(
      "\xEF\xBB\xBF"
      "a,b\r\n\n\"x, \"\"y\"\"\nz\",\n1,2");
  ASSERT_THAT(text.rows, SizeIs(3));
  EXPECT_THAT(text.rows[0].cells, ElementsAre("a", "b"));
  EXPECT_THAT(text.rows[1].cells, ElementsAre("x, \"y\"\nz", ""));
  EXPECT_THAT(text.rows[2].cells, ElementsAre("1", "2"));
  EXPECT_EQ(text.rows[0].line, 1U);
  EXPECT_EQ(text.rows[1].line, 3U) << "where it begins";
  EXPECT_EQ(text.rows[2].line, 5U);
  EXPECT_EQ(text.open_quote_line, 0U);
}

TEST(Csv, Parse_OpenQuote_KeepsTheRowsBefore) {
  const CsvText text = ParseCsv("a,b\nc,\"d\n");
  EXPECT_THAT(text.rows, SizeIs(1));
  EXPECT_EQ(text.open_quote_line, 2U);
  EXPECT_THAT(ParseCsv("").rows, IsEmpty());
}

TEST(Csv, Line_ReadsBackAsItWas) {
  const std::vector<std::string> cells = {"", "a", "b,c", "\"", "d\ne\r", " f "};
  EXPECT_THAT(ParseCsv(CsvLine(cells)).rows.at(0).cells, testing::ElementsAreArray(cells));
  EXPECT_EQ(CsvLine({"a", "b"}), "a,b\n");
}

}  // namespace
}  // namespace strata::cli
