// SPDX-License-Identifier: Apache-2.0
#include "reference/reference.hpp"

#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class ReferenceTest : public TestBed {
 protected:
  std::vector<std::string> Pages() {
    EXPECT_EQ(Run({"man", "--out", Path("man")}), 0) << err_;
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir_ / "man")) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
};

TEST_F(ReferenceTest, EveryVerb_HasAPageWithAnExample) {
  const std::vector<std::string> pages = Pages();
  EXPECT_THAT(pages, Contains("strata.1"));
  EXPECT_THAT(pages, Contains("strata-apps-create.1"));
  EXPECT_THAT(pages, Contains("strata-devices-configs-list.1"));
  for (const std::string& page : pages) {
    const std::string text = Read(dir_ / "man" / page);
    const bool has_verbs = text.find(".SH VERBS") != std::string::npos;
    EXPECT_TRUE(has_verbs || text.find(".SH EXAMPLES") != std::string::npos ||
                page == "strata-help.1")
        << page << ": strata VERB --help needs an example";
    EXPECT_THAT(text, HasSubstr(".SH NAME\n"));
    EXPECT_THAT(text, HasSubstr(".SH EXIT STATUS\n"));
  }
}

TEST_F(ReferenceTest, Page_TellsOptionsTheirValuesAndNothingHidden) {
  Pages();
  const std::string page = Read(dir_ / "man/strata-apps-list.1");
  EXPECT_THAT(page, HasSubstr(".B \\-o, \\-\\-output, \\-\\-cli\\-output\\-format\n"));
  EXPECT_THAT(page, HasSubstr("columns, json, tsv or none"));
  EXPECT_THAT(page, Not(HasSubstr("skip")));
}

TEST_F(ReferenceTest, PagesWrittenTwice_AreTheSame) {
  Pages();
  const std::string before = Read(dir_ / "man/strata.1");
  Pages();
  EXPECT_EQ(Read(dir_ / "man/strata.1"), before);
}

TEST_F(ReferenceTest, DirectoryThatCannotBeMade_IsNamed) {
  const std::string file = Write("file", "");
  EXPECT_NE(Run({"man", "--out", file + "/man"}), 0);
  EXPECT_THAT(err_, HasSubstr(file));
}

TEST_F(ReferenceTest, Completion_KnowsVerbsOptionsAndValues) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    ASSERT_EQ(Run({"completion", shell}), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("'apps/create'")) << shell;
    EXPECT_THAT(out_, HasSubstr("page-token")) << shell;
    EXPECT_THAT(out_, HasSubstr("json")) << shell;
    EXPECT_THAT(out_, Not(HasSubstr("skip-parameter-validation"))) << shell;
  }
}

TEST_F(ReferenceTest, UnknownShell_IsRefused) {
  EXPECT_EQ(Run({"completion", "tcsh"}), 1);
  EXPECT_THAT(err_, HasSubstr("bash"));
}

}  // namespace
}  // namespace strata::cli
