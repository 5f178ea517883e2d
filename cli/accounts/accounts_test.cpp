// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;

class Accounts : public TestBed {
 protected:
  Accounts() { SignInByEnvironment(); }
};

TEST_F(Accounts, Fetch_ShowsTheCallersOwn) {
  cloud_.Answer(
      200, R"({"sid":"AC1","friendly_name":"us","development_signing":false,"usage":{"apps":1}})");
  ASSERT_EQ(Run({"accounts", "fetch"}), 0);
  EXPECT_EQ(cloud_.requests.at(0).path, "/v1/Account");
  EXPECT_EQ(out_,
            "SID  Friendly Name  Development Signing  Usage\nAC1  us             false             "
            "   {\"apps\":1}\n");
}

TEST_F(Accounts, DevelopmentSigning_IsSentAsABooleanAndExplained) {
  cloud_.Answer(
      200,
      R"({"sid":"AC1","development_signing":true,"development_signer":{"key_id":"0123456789abcdef"}})");
  ASSERT_EQ(Run({"accounts", "update", "--development-signing", "on"}), 0);
  EXPECT_EQ(cloud_.requests.at(0).form, (Fields{{"DevelopmentSigning", "true"}}));
  EXPECT_THAT(err_, HasSubstr("0123456789abcdef"));
  EXPECT_THAT(err_, HasSubstr("--development"));
  cloud_.Answer(200, R"({"sid":"AC1","development_signing":false})");
  ASSERT_EQ(Run({"accounts:update", "--development-signing", "off", "--friendly-name", "us"}), 0);
  EXPECT_EQ(cloud_.requests.at(1).form,
            (Fields{{"FriendlyName", "us"}, {"DevelopmentSigning", "false"}}));
}

TEST_F(Accounts, NothingToChangeOrNonsense_IsAUsageError) {
  EXPECT_EQ(Run({"accounts", "update"}), 1);
  EXPECT_THAT(err_, HasSubstr("--development-signing on|off"));
  EXPECT_EQ(Run({"accounts", "update", "--development-signing", "maybe"}), 1);
  EXPECT_TRUE(cloud_.requests.empty());
}

}  // namespace
}  // namespace strata::cli
