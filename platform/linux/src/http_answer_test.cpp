// SPDX-License-Identifier: Apache-2.0
#include "http_answer.hpp"

#include <gtest/gtest.h>

namespace strata::device {
namespace {

TEST(ContentRange, Parse_OfTheOneForm_GivesItsNumbers) {
  const auto range = ParseContentRange("bytes 10-19/100");
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->first, 10U);
  EXPECT_EQ(range->last, 19U);
  EXPECT_EQ(range->complete, 100U);
}

TEST(ContentRange, Parse_OfAnythingElse_IsRefused) {
  for (const char* text : {"",
                           "bytes",
                           "bytes ",
                           "bytes 1-2",
                           "bytes 1-2/",
                           "bytes 1-2/*",
                           "bytes */10",
                           "bytes 2-1/10",
                           "bytes 0-10/10",
                           "bytes -1-2/10",
                           "bytes +1-2/10",
                           "bytes 1 -2/10",
                           "bytes 1-2/10 ",
                           "bytes 1-2/99999999999999999999999",
                           "octets 1-2/10"}) {
    EXPECT_FALSE(ParseContentRange(text).has_value()) << text;
  }
}

TEST(ContentRange, Answers_OnlyExactlyWhatWasAsked) {
  const RangeRequest request{.offset = 10, .count = 10, .total = 100};
  EXPECT_TRUE(Answers({10, 19, 100}, request));
  EXPECT_FALSE(Answers({10, 18, 100}, request)) << "short";
  EXPECT_FALSE(Answers({10, 20, 100}, request)) << "long";
  EXPECT_FALSE(Answers({9, 19, 100}, request)) << "other start";
  EXPECT_FALSE(Answers({10, 19, 101}, request)) << "other layer size";
}

TEST(ContentRange, Answers_AtTheEndOfALayerOfUnknownSize_MayBeShorter) {
  const RangeRequest request{.offset = 90, .count = 50, .total = 0};
  EXPECT_TRUE(Answers({90, 99, 100}, request));
  EXPECT_FALSE(Answers({90, 98, 100}, request));
  const RangeRequest huge{.offset = 0xFFFFFFF0, .count = 0xFFFFFFFF, .total = 0};
  EXPECT_FALSE(Answers({0, 9, 10}, huge));
}

TEST(Etag, Usable_OnlyWhenQuotedPrintableAndShort) {
  EXPECT_EQ(UsableEtag("\"abc\""), "\"abc\"");
  EXPECT_EQ(UsableEtag("W/\"abc\""), "W/\"abc\"");
  for (const std::string& text : {std::string("abc"),
                                  std::string("\""),
                                  std::string("\"a\"b\""),
                                  std::string("\"a\r\nX: y\""),
                                  "\"" + std::string(200, 'a') + "\""}) {
    EXPECT_EQ(UsableEtag(text), "") << text;
  }
}

TEST(Header, Value_IgnoresCaseOfNameAndSpaceAround) {
  EXPECT_EQ(HeaderValue("ETag:  \"x\" \r\n", "etag"), "\"x\"");
  EXPECT_FALSE(HeaderValue("ETagg: x\r\n", "etag").has_value());
  EXPECT_FALSE(HeaderValue("HTTP/1.1 200 OK\r\n", "etag").has_value());
}

}  // namespace
}  // namespace strata::device
