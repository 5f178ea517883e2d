// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class Accounts : public TestBed {
 protected:
  Accounts() { SignInByEnvironment(); }
};

TEST_F(Accounts, Fetch_ShowsTheCallersOwn) {
  const std::string account =
      R"({"sid":"AC1","friendly_name":"us","development_signing":false,)"
      R"("usage":{"apps":3,"apps_limit":1000,"bytes":1572864,"bytes_limit":10737418240}})";
  cloud_.Answer(200, account);
  ASSERT_EQ(Run({"accounts", "fetch"}), 0);
  EXPECT_EQ(cloud_.requests.at(0).path, "/v1/Account");
  EXPECT_EQ(out_,
            "SID  Friendly Name  Development Signing  Apps       Bytes\n"
            "AC1  us             false                3 of 1000  1.5 MiB of 10.0 GiB\n");
  cloud_.Answer(200, account);
  ASSERT_EQ(Run({"accounts", "fetch", "-o", "json"}), 0);
  EXPECT_THAT(out_, HasSubstr("\"apps_limit\": 1000"));
  EXPECT_THAT(out_, Not(HasSubstr("1.5 MiB")));
}

TEST_F(Accounts, FetchWithoutLimits_ShowsWhatIsUsed) {
  cloud_.Answer(
      200, R"({"sid":"AC1","usage":{"apps":3,"apps_limit":null,"bytes":12,"bytes_limit":null}})");
  ASSERT_EQ(Run({"accounts", "fetch", "--properties", "apps,bytes"}), 0);
  EXPECT_EQ(out_, "Apps  Bytes\n3     12 bytes\n");
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
