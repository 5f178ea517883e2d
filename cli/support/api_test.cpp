// SPDX-License-Identifier: Apache-2.0
#include "support/api.hpp"

#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;

class ApiPaths : public TestBed {
 protected:
  ApiPaths() { SignInByEnvironment(); }
};

TEST_F(ApiPaths, NamesOfDots_AreRefusedBeforeAnythingIsSent) {
  for (const std::string name : {".", ".."}) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"devices", "secrets", "remove", "--device-sid", name, "--key", "s2"},
             {"devices", "secrets", "remove", "--device-sid", "one", "--key", name},
             {"devices", "configs", "list", "--device-sid", name},
             {"apps", "remove", "--sid", name},
             {"apps", "manifest", "--app-sid", name},
             {"devices", "update", "--sid", name, "--target-app", "v1"},
             {"logs", "stream", name, "--no-enable"}}) {
      EXPECT_EQ(Run(arguments), 10);
      EXPECT_THAT(err_, HasSubstr("error 100 InvalidArgument: '" + name + "' is no name"));
    }
  }
  EXPECT_TRUE(cloud_.requests.empty());
}

TEST_F(ApiPaths, NamesWithDotsAmongOtherLetters_AreSent) {
  for (const auto& [name, segment] :
       Fields{{"...", "..."}, {".env", ".env"}, {"../x", "..%2Fx"}, {"a..b", "a..b"}}) {
    cloud_.Answer(200, R"({"key":"k"})");
    EXPECT_EQ(Run({"configs", "fetch", "--key", name}), 0) << err_;
    EXPECT_EQ(cloud_.requests.back().path, "/v1/Configs/" + segment);
  }
}

TEST_F(ApiPaths, LogLevelDebug_ShowsRequestsButNoSecret) {
  HttpResponse answer{201, R"({"key":"k","date_rotated":"2026-01-02T03:04:05Z"})"};
  answer.request_id = "RQ1";
  cloud_.answers.emplace_back(answer);
  ASSERT_EQ(Run({"secrets", "create", "--key", "k", "--value", "hush", "-l", "debug"}), 0) << err_;
  EXPECT_THAT(err_,
              HasSubstr("[DEBUG] Using profile: ${STRATA_ACCOUNT_SID}/${STRATA_AUTH_TOKEN}\n"));
  EXPECT_THAT(err_, HasSubstr("https://cloud.example:8443"));
  EXPECT_THAT(err_, HasSubstr("[DEBUG] POST /v1/Secrets\n"));
  EXPECT_THAT(err_, HasSubstr("[DEBUG] status 201, Twilio-Request-Id RQ1\n"));
  EXPECT_THAT(err_, testing::Not(HasSubstr("hush")));
  EXPECT_THAT(err_, testing::Not(HasSubstr("token-of-the-environment")));
}

}  // namespace
}  // namespace strata::cli
