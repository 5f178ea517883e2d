// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey =
    R"({"sid":"SK1","friendly_name":"ci","scopes":["deploy"],"date_last_used":null,"secret":"0f0f"})";

class ApiKeys : public TestBed {
 protected:
  ApiKeys() { SignInByEnvironment(); }
};

TEST_F(ApiKeys, Create_ShowsTheSecretOnce) {
  cloud_.Answer(201, kKey);
  ASSERT_EQ(Run({"api-keys", "create", "--scopes", "deploy,read", "--friendly-name", "ci"}), 0);
  EXPECT_EQ(cloud_.requests.at(0).path, "/v1/ApiKeys");
  EXPECT_EQ(cloud_.requests.at(0).form,
            (Fields{{"Scopes", "deploy,read"}, {"FriendlyName", "ci"}}));
  EXPECT_THAT(out_, HasSubstr("0f0f"));
  EXPECT_THAT(err_, HasSubstr("not shown again"));
}

TEST_F(ApiKeys, CreateIntoAFile_IsForTheOwnerAndPrintsNoSecret) {
  env_["STRATA_CA_FILE"] = "/etc/ca.pem";
  cloud_.Answer(201, kKey);
  ASSERT_EQ(
      Run({"api-keys", "create", "--scopes", "deploy", "--env-out", Path("ci.env"), "-o", "json"}),
      0)
      << err_;
  EXPECT_THAT(out_ + err_, Not(HasSubstr("0f0f")));
  EXPECT_EQ(Read(Path("ci.env")),
            "export STRATA_URL='https://cloud.example:8443'\nexport STRATA_API_KEY='SK1'\n"
            "export STRATA_API_SECRET='0f0f'\nexport STRATA_CA_FILE='/etc/ca.pem'\n");
  EXPECT_THAT(err_, HasSubstr("CA file /etc/ca.pem: on another machine, bring that file along"));
  EXPECT_EQ(ModeOf(Path("ci.env")), 0600U);
  EXPECT_EQ(Run({"api-keys", "create", "--scopes", "deploy", "--env-out", Path("ci.env")}), 10);
  EXPECT_EQ(cloud_.requests.size(), 1U) << "the file is there: nothing is sent";
}

TEST_F(ApiKeys, CreateAndTheFileCantBeWritten_RevokesTheKey) {
  cloud_.Answer(201, kKey);
  cloud_.Answer(204, "");
  EXPECT_EQ(Run({"api-keys", "create", "--scopes", "deploy", "--env-out", Path("none/ci.env")}),
            10);
  ASSERT_EQ(cloud_.requests.size(), 2U);
  EXPECT_EQ(cloud_.requests[1].method, "DELETE");
  EXPECT_EQ(cloud_.requests[1].path, "/v1/ApiKeys/SK1");
}

TEST_F(ApiKeys, CreateAndTheAnswerWouldAddLines_IsRefused) {
  cloud_.Answer(201, R"({"sid":"SK1","secret":"a'\nrm -rf ~"})");
  cloud_.Answer(204, "");
  EXPECT_EQ(Run({"api-keys", "create", "--scopes", "read", "--env-out", Path("ci.env")}), 60);
  EXPECT_FALSE(std::filesystem::exists(Path("ci.env")));
}

TEST_F(ApiKeys, List_ShowsScopesAndUse) {
  cloud_.Answer(200, std::string(R"({"api_keys":[)") + kKey + R"(],"meta":{}})");
  ASSERT_EQ(Run({"api-keys:list", "--properties", "sid,scopes"}), 0);
  EXPECT_EQ(out_, "SID  Scopes\nSK1  [\"deploy\"]\n");
}

TEST_F(ApiKeys, Revoke_Deletes) {
  cloud_.Answer(204, "");
  ASSERT_EQ(Run({"api-keys", "revoke", "SK1"}), 0);
  EXPECT_EQ(cloud_.requests.at(0).path, "/v1/ApiKeys/SK1");
  EXPECT_EQ(cloud_.requests.at(0).method, "DELETE");
  EXPECT_EQ(Run({"api-keys", "revoke"}), 1);
}

TEST_F(ApiKeys, Revoke_WithoutSid_AsksForNoName) {
  EXPECT_EQ(Run({"api-keys", "revoke"}), 1);
  EXPECT_EQ(err_, "error: name the API key with --sid SID\n");
  ASSERT_EQ(Run({"api-keys", "revoke", "--help"}), 0);
  EXPECT_EQ(out_.find("unique name"), std::string::npos);
}

}  // namespace
}  // namespace strata::cli
