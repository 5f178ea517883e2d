// SPDX-License-Identifier: Apache-2.0
#include "names.hpp"

#include <string>

#include <gtest/gtest.h>

namespace strata::cloud {
namespace {

std::string Repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

TEST(Names, CheckUniqueName_AllowedNames_Pass) {
  for (const std::string& name : {std::string("a"),
                                  std::string("This is my device; there are many like it."),
                                  std::string("naïve-Gerät-装置-🚀"),
                                  Repeat("🚀", 64),
                                  std::string("json"),
                                  std::string(".json5"),
                                  std::string("..."),
                                  std::string("a.JSON"),
                                  std::string(" "),
                                  "UV" + Repeat("a", 31),
                                  "uv" + Repeat("a", 32),
                                  "UV" + Repeat("g", 32)}) {
    EXPECT_TRUE(CheckUniqueName(name).ok()) << name;
  }
}

TEST(Names, CheckUniqueName_ForbiddenNames_AreRefusedNamingTheParameter) {
  for (const std::string& name : {std::string(),
                                  Repeat("a", 65),
                                  Repeat("🚀", 65),
                                  std::string("a/b"),
                                  std::string("."),
                                  std::string(".."),
                                  std::string("app.json"),
                                  std::string(".json"),
                                  std::string("tab\there"),
                                  std::string("nul\0here", 8),
                                  std::string("del\x7f"),
                                  std::string("c1\xC2\x85"),
                                  "KA" + Repeat("a", 32),
                                  "UV" + Repeat("A", 32),
                                  "AC" + Repeat("0", 32),
                                  "ZZ" + Repeat("9", 32)}) {
    const ApiOutcome outcome = CheckUniqueName(name);
    ASSERT_FALSE(outcome.ok()) << name;
    EXPECT_EQ(outcome.error().status, 400);
    EXPECT_EQ(outcome.error().code, 20001);
    EXPECT_TRUE(outcome.error().message.starts_with("UniqueName: ")) << outcome.error().message;
  }
}

TEST(Names, CountPlainScalars_MalformedUtf8_IsNothing) {
  for (const std::string_view text : {"\x80",                  // a continuation without lead
                                      "\xC3",                  // cut short
                                      "\xC3(",                 // no continuation
                                      "\xC0\xAF",              // overlong slash
                                      "\xE0\x80\xAF",          // overlong slash in three
                                      "\xF0\x80\x80\xAF",      // and in four
                                      "\xED\xA0\x80",          // a surrogate
                                      "\xF4\x90\x80\x80",      // beyond U+10FFFF
                                      "\xF8\x88\x80\x80\x80",  // five bytes
                                      "\xFF"}) {
    EXPECT_FALSE(CountPlainScalars(text).has_value());
  }
}

TEST(Names, CountPlainScalars_EdgesOfEachLength_Count) {
  EXPECT_EQ(CountPlainScalars(""), 0U);
  EXPECT_EQ(CountPlainScalars("~\xC2\xA0\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80"), 6U);
  EXPECT_EQ(CountPlainScalars("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"), 2U);
}

TEST(Names, CheckFriendlyName_EmptyAndLong) {
  EXPECT_TRUE(CheckFriendlyName("").ok());
  EXPECT_TRUE(CheckFriendlyName(Repeat("é", 64)).ok());
  EXPECT_FALSE(CheckFriendlyName(Repeat("é", 65)).ok());
  EXPECT_FALSE(CheckFriendlyName("a\nb").ok());
}

TEST(Names, CheckIdempotencyKey_OnlyPrintableAscii) {
  EXPECT_TRUE(CheckIdempotencyKey("a b~").ok());
  EXPECT_TRUE(CheckIdempotencyKey(Repeat("k", 64)).ok());
  EXPECT_FALSE(CheckIdempotencyKey("").ok());
  EXPECT_FALSE(CheckIdempotencyKey(Repeat("k", 65)).ok());
  EXPECT_FALSE(CheckIdempotencyKey("é").ok());
  EXPECT_FALSE(CheckIdempotencyKey("a\x7f").ok());
  EXPECT_FALSE(CheckIdempotencyKey("a\tb").ok());
}

TEST(Names, ParseKeyId_FoldsCaseAndRefusesTheRest) {
  EXPECT_EQ(ParseKeyId("00000000000000ff"), static_cast<KeyId>(0xff));
  EXPECT_EQ(ParseKeyId("ABCDEF0123456789"), static_cast<KeyId>(0xabcdef0123456789));
  EXPECT_FALSE(ParseKeyId("0000000000000000").has_value());
  EXPECT_FALSE(ParseKeyId("ff").has_value());
  EXPECT_FALSE(ParseKeyId("00000000000000fg").has_value());
  EXPECT_FALSE(ParseKeyId("00000000000000ff0").has_value());
}

}  // namespace
}  // namespace strata::cloud
