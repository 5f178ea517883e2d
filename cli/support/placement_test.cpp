// SPDX-License-Identifier: Apache-2.0
#include "support/placement.hpp"

#include <gtest/gtest.h>

#include "support/text.hpp"

namespace strata::cli {
namespace {

TEST(ParseSize, DecimalHexAndSuffixes_AreUnderstood) {
  EXPECT_EQ(ParseSize("4096", "x").value(), 4096U);
  EXPECT_EQ(ParseSize("0x1000", "x").value(), 4096U);
  EXPECT_EQ(ParseSize("64K", "x").value(), 65536U);
  EXPECT_EQ(ParseSize("2m", "x").value(), 2U * 1024 * 1024);
  EXPECT_EQ(ParseSize("0xFFFFFFFF", "x").value(), 0xFFFFFFFFU);
}

TEST(ParseSize, Nonsense_IsRefusedByName) {
  for (const char* text : {"", "K", "0x", "-1", "12x", "1 2", "1.5M", "0x1G", "+3"}) {
    const auto parsed = ParseSize(text, "--at");
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, 100) << text;
    EXPECT_NE(parsed.error().message.find("--at"), std::string::npos);
  }
}

TEST(ParseSize, Beyond32Bits_IsOutOfRange) {
  for (const char* text :
       {"4294967296", "4096M", "0x1ffffffffffffffff", "99999999999999999999999"}) {
    ASSERT_FALSE(ParseSize(text, "x").ok()) << text;
    EXPECT_EQ(ParseSize(text, "x").error().code, 101) << text;
  }
}

TEST(ParseSpan, StartAndSize_AreSplitAtPlus) {
  EXPECT_EQ(ParseSpan("0x10000", "--at").value(), (Span{0x10000, 0}));
  EXPECT_EQ(ParseSpan("64K+0x2000", "--at").value(), (Span{65536, 8192}));
}

TEST(ParseSpan, EmptySizeZeroSizeOrOverflow_IsRefused) {
  EXPECT_EQ(ParseSpan("0+", "--at").error().code, 100);
  EXPECT_EQ(ParseSpan("0+0", "--at").error().code, 100);
  EXPECT_EQ(ParseSpan("+4096", "--at").error().code, 100);
  EXPECT_EQ(ParseSpan("0xFFFFF000+0x2000", "--at").error().code, 101);
}

TEST(ParseLayerArgument, FileMediumAndSpan_AreTakenApart) {
  const LayerArgument expected{"fonts.bin", {Medium::kExternal, 0x10000, 0x2000}};
  EXPECT_EQ(ParseLayerArgument("fonts.bin@external:0x10000+8K").value(), expected);
  EXPECT_EQ(ParseLayerArgument("a@b.bin@internal:0").value().file, "a@b.bin");
}

TEST(ParseLayerArgument, AnotherForm_IsRefusedWithAnExample) {
  for (const char* text : {"", "file", "@internal:0", "f@internal", "f@flash:0", "f@internal:"}) {
    ASSERT_FALSE(ParseLayerArgument(text).ok()) << text;
    EXPECT_EQ(ParseLayerArgument(text).error().code, 100) << text;
  }
}

}  // namespace
}  // namespace strata::cli
