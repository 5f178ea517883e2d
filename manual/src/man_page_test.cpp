// SPDX-License-Identifier: Apache-2.0
#include "strata/manual/man_page.hpp"

#include <fstream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/stat.h>

namespace strata::manual {
namespace {

using testing::HasSubstr;
using testing::Not;

const Program kProgram{
    .name = "tool", .version = "1.2", .exit_status = "0 or 1.", .see_also = {"other-tool"}};

class ManPages : public testing::Test {
 protected:
  ManPages() {
    CLI::App* const noun = root_.add_subcommand("apps", "All of apps");
    CLI::App* const verb = noun->add_subcommand("create", "Make -one\\");
    verb->add_option("-s,--size", size_, "How large")->capture_default_str();
    verb->add_option("--kind", kind_, "Which")->check(CLI::IsMember({"red", "blue"}));
    verb->add_option("--secret", kind_, "Nobody needs it")->group("");
    verb->add_option("FILE", kind_, "Where from")->required();
    verb->footer("Mind the gap.\n\nExample:\n  tool apps create x\n.so evil");
    std::string name = (std::filesystem::temp_directory_path() / "strata-manual-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
  }

  ~ManPages() override { std::filesystem::remove_all(dir_); }

  [[nodiscard]] std::string Page(std::size_t index) const {
    const Command tree = TreeOf(root_);
    return ManPage(kProgram, *Flatten(tree).at(index), tree);
  }

  CLI::App root_{"A tool", "tool"};
  int size_ = 7;
  std::string kind_;
  std::filesystem::path dir_;
};

TEST_F(ManPages, Verb_TellsEverythingThatTheParserKnows) {
  const std::string page = Page(2);
  EXPECT_THAT(page, HasSubstr(".TH tool\\-apps\\-create 1 \"\" \"tool 1.2\" \"Strata\"\n"));
  EXPECT_THAT(page, HasSubstr(".B tool apps create\n.I FILE\n.RI [ OPTIONS ]\n"));
  EXPECT_THAT(page, HasSubstr(".B \\-s, \\-\\-size\nHow large (default 7)\n"));
  EXPECT_THAT(page, HasSubstr("Which\nOne of: "));
  EXPECT_THAT(page, HasSubstr("blue"));
  EXPECT_THAT(page, Not(HasSubstr("secret")));
  EXPECT_THAT(page, HasSubstr(".SH EXIT STATUS\n0 or 1.\n"));
  EXPECT_THAT(page, HasSubstr(".SH SEE ALSO\n.BR tool (1)\n"));
}

TEST_F(ManPages, NotesAndExamples_StandApartAndAreNoRequests) {
  const std::string page = Page(2);
  EXPECT_THAT(page, HasSubstr(".SH NOTES\n.nf\nMind the gap.\n"));
  EXPECT_THAT(page, HasSubstr(".SH EXAMPLES\n.nf\n  tool apps create x\n\\&.so evil\n.fi\n"));
  EXPECT_THAT(page, HasSubstr("Make \\-one\\e\n"));
}

TEST_F(ManPages, NounAndProgram_NameWhatIsBelow) {
  EXPECT_THAT(Page(1), HasSubstr(".SH VERBS\n.TP\n.B create\n"));
  EXPECT_THAT(Page(0), HasSubstr(".BR other\\-tool (1),\n.BR tool\\-apps (1)\n"));
}

TEST_F(ManPages, Files_AreForEverybody) {
  const mode_t before = ::umask(077);
  const auto failed = WritePages(dir_ / "man1", kProgram, TreeOf(root_));
  ::umask(before);
  ASSERT_FALSE(failed) << failed->path;
  for (const char* name : {"tool.1", "tool-apps.1", "tool-apps-create.1"}) {
    struct stat info {};

    ASSERT_EQ(::stat((dir_ / "man1" / name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 07777U, 0644U) << name;
  }
  std::ifstream file(dir_ / "man1/tool-apps-create.1");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), Page(2));
}

TEST_F(ManPages, WhatCannotBeWritten_IsNamed) {
  std::ofstream(dir_ / "file") << "x";
  const auto failed = WritePages(dir_ / "file/man1", kProgram, TreeOf(root_));
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->error, 0);
  std::filesystem::create_directories(dir_ / "tool-apps.1");
  EXPECT_EQ(WritePages(dir_, kProgram, TreeOf(root_))->path, dir_ / "tool-apps.1");
}

}  // namespace
}  // namespace strata::manual
