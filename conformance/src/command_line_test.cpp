// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata::conformance {
namespace {

using testing::ElementsAre;

std::vector<std::string> Words(std::string_view command) {
  const auto words = SplitCommand(command);
  EXPECT_TRUE(words.ok()) << command;
  return words.ok() ? *words : std::vector<std::string>();
}

Code CodeOf(std::string_view command) {
  const auto words = SplitCommand(command);
  return words.ok() ? Code::kOk : words.failure().error.code;
}

TEST(SplitCommand, Blanks_SeparateWords) {
  EXPECT_THAT(Words("  run\t--dir  {dir}\n"), ElementsAre("run", "--dir", "{dir}"));
}

TEST(SplitCommand, Quotes_KeepBlanksAndEachOther) {
  EXPECT_THAT(Words(R"(sh -c 'exec "a b" {dir}' "it's {dir}" a\ b '')"),
              ElementsAre("sh", "-c", R"(exec "a b" {dir})", "it's {dir}", "a b", ""));
}

TEST(SplitCommand, NothingIsExpanded) {
  EXPECT_THAT(Words("$HOME/x *.c {dir} ~ `id`"),
              ElementsAre("$HOME/x", "*.c", "{dir}", "~", "`id`"));
}

TEST(SplitCommand, OpenQuoteOrNoDirectory_IsRefused) {
  EXPECT_EQ(CodeOf("run '{dir}"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf("run {dir} \\"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf("run --dir x"), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(""), Code::kInvalidArgument);
}

TEST(Fill, EveryPlaceholder_IsReplacedEverywhere) {
  EXPECT_THAT(
      Fill({"{dir}/{case}", "--url={url}", "{other}", "{dir}{dir}"}, {"/d", "https://u", "c"}),
      ElementsAre("/d/c", "--url=https://u", "{other}", "/d/d"));
}

TEST(Fill, ValueThatLooksLikeAPlaceholder_StaysAsItIs) {
  EXPECT_THAT(Fill({"{dir}"}, {"/{dir}/x", "", ""}), ElementsAre("/{dir}/x"));
}

}  // namespace
}  // namespace strata::conformance
