// SPDX-License-Identifier: Apache-2.0
#include "support/unknown_command.hpp"

#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class UnknownCommand : public TestBed {};

TEST_F(UnknownCommand, IsNamedAndTheNearestAreOffered) {
  EXPECT_EQ(Run({"bogus"}), 1);
  EXPECT_THAT(err_, HasSubstr("error: there is no command 'bogus'; "));
  EXPECT_THAT(err_, Not(HasSubstr("ubcommand")));
  EXPECT_EQ(Run({"devcies", "list"}), 1);
  EXPECT_THAT(err_, HasSubstr("there is no command 'devcies'; did you mean 'devices'?"));
  EXPECT_EQ(Run({"devices", "secret", "list"}), 1);
  EXPECT_THAT(err_, HasSubstr("no command 'devices secret'; did you mean 'devices secrets'?"));
  EXPECT_EQ(Run({"prune"}), 1);
  EXPECT_THAT(err_, HasSubstr("no command 'prune'; did you mean 'apps prune'?"));
  EXPECT_EQ(Run({"apps"}), 1);
  EXPECT_THAT(err_, HasSubstr("'apps' lacks what to do"));
  EXPECT_EQ(Run({"devices", "--sid", "one"}), 1);
  EXPECT_THAT(err_, HasSubstr("'devices' lacks what to do"));
  EXPECT_EQ(Run({}), 1);
  EXPECT_THAT(err_, HasSubstr("a command is missing"));
}

TEST_F(UnknownCommand, OfTheOriginal_SaysWhatToUse) {
  EXPECT_EQ(Run({"config:list"}), 2);
  EXPECT_THAT(err_, HasSubstr("there is no command 'config': strata profiles"));
  EXPECT_EQ(Run({"autocomplete"}), 1);
  EXPECT_THAT(err_, HasSubstr("strata completion"));
  EXPECT_EQ(Run({"api:core:calls:list"}), 2);
  EXPECT_THAT(err_, HasSubstr("api:microvisor:v1"));
}

TEST_F(UnknownCommand, HelpForIt_Fails) {
  EXPECT_EQ(Run({"help", "bogus"}), 1);
  EXPECT_THAT(err_, HasSubstr("there is no command 'bogus'"));
  EXPECT_EQ(out_, "");
  EXPECT_EQ(Run({"help", "apps", "lst"}), 1);
  EXPECT_THAT(err_, HasSubstr("did you mean 'apps list'?"));
  EXPECT_EQ(Run({"help", "apps"}), 0);
  ASSERT_EQ(Run({"help"}), 0);
  EXPECT_THAT(out_, HasSubstr("Subcommands:\n  login"));
  EXPECT_THAT(out_, HasSubstr("Usage: strata [OPTIONS] SUBCOMMAND"));
  EXPECT_EQ(Run({"--help"}), 0);
}

TEST_F(UnknownCommand, Option_IsNamedBeforeWhatFollowsFromIt) {
  EXPECT_EQ(Run({"devices", "update", "--sid", "one", "--tags", "a,b"}), 1);
  EXPECT_THAT(err_, HasSubstr("error: there is no option '--tags'; did you mean '--tag'"));
  EXPECT_EQ(Run({"apps", "remove", "--app-sid=KA", "--force"}), 1);
  EXPECT_THAT(err_, HasSubstr("there is no option '--app-sid'; usage: strata apps remove"));
  EXPECT_EQ(Run({"bundle", "create", "--bogus"}), 1);
  EXPECT_THAT(err_, HasSubstr("there is no option '--bogus'; usage: strata bundle create ROM"));
  EXPECT_EQ(Run({"api:microvisor:v1:apps:list", "-x"}), 2);
  EXPECT_THAT(err_, HasSubstr("there is no option '-x'; usage"));
  EXPECT_EQ(Run({"apps", "list", "more"}), 1);
  EXPECT_THAT(err_, HasSubstr("not expected: more"));
}

TEST_F(UnknownCommand, OptionsBeforeTheCommand_AreShownWhereTheyBelong) {
  EXPECT_EQ(Run({"-p", "x", "apps", "list"}), 1);
  EXPECT_THAT(err_, HasSubstr("options stand behind the command: strata apps list -p ...;"));
}

}  // namespace
}  // namespace strata::cli
