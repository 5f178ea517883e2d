// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class Update : public TestBed {
 protected:
  Update() { SignInByEnvironment(); }

  void Answer(const std::string& app) {
    cloud_.Answer(
        200, R"({"sid":")" + std::string(kSid) + R"(","unique_name":"one","app":{)" + app + "}}");
  }

  int Wait(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{
        "devices", "update", "--sid", "one", "--target-app", "v2", "--wait"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
};

TEST_F(Update, ThePagesSampleWithoutUpdate_SendsTheForm) {
  Answer(R"("update_status":"pending")");
  ASSERT_EQ(Run({"api:microvisor:v1:devices", "--sid", "my dev", "--target-app", "v1"}), 0);
  EXPECT_EQ(cloud_.requests.at(0).method, "POST");
  EXPECT_EQ(cloud_.requests.at(0).path, "/v1/Devices/my%20dev");
  EXPECT_EQ(cloud_.requests.at(0).form, (Fields{{"TargetApp", "v1"}}));
  EXPECT_EQ(out_,
            "SID                                 Unique Name\n" + std::string(kSid) + "  one\n");
}

TEST_F(Update, EmptyUniqueName_IsSentToClearIt) {
  Answer("");
  ASSERT_EQ(Run({"devices", "update", "--sid", "one", "--unique-name", ""}), 0) << err_;
  EXPECT_EQ(cloud_.requests.at(0).form, (Fields{{"UniqueName", ""}}));
}

TEST_F(Update, NothingToChange_PrintsTheDeviceAsTheOriginalDoes) {
  Answer("");
  EXPECT_EQ(Run({"api:microvisor:v1:devices:update", "--sid", "one"}), 0);
  EXPECT_THAT(out_, HasSubstr(kSid));
  ASSERT_EQ(cloud_.requests.size(), 1U);
  EXPECT_EQ(cloud_.requests[0].method, "GET");
}

TEST_F(Update, TimeoutOfNothing_IsRefusedInPlainWords) {
  for (const char* seconds : {"0", "-1", "soon"}) {
    EXPECT_EQ(Wait({"--timeout", seconds}), 1);
    EXPECT_THAT(err_, HasSubstr("is no length of time: give whole seconds from 1 on"));
  }
}

TEST_F(Update, WaitUntilConfirmed_TellsEachStateOnce) {
  Answer(R"("deployment_id":"d1","update_status":"pending")");
  Answer(R"("deployment_id":"d1","update_status":"pending")");
  Answer(
      R"("deployment_id":"d1","update_status":"pending","update_state":"fetching-layers","bytes_staged":1,"bytes_total":2)");
  Answer(
      R"("deployment_id":"d1","update_status":"pending","update_state":"fetching-layers","bytes_staged":2,"bytes_total":2)");
  Answer(R"("deployment_id":"d1","update_status":"pending","update_state":"applying")");
  Answer(R"("deployment_id":"d1","update_status":"up-to-date","reported_sid":"KA2")");
  ASSERT_EQ(Wait(), 0) << err_;
  EXPECT_EQ(err_,
            "waiting for the device\nfetching layers\napplying\nConfirmed: " + std::string(kSid) +
                " runs KA2\n");
  EXPECT_EQ(cloud_.requests.at(1).path, "/v1/Devices/" + std::string(kSid));
}

TEST_F(Update, WaitOnATerminal_ShowsThatTimePasses) {
  err_is_tty_ = true;
  for (int i = 0; i < 9; ++i) {
    Answer(R"("deployment_id":"d1","update_status":"pending","update_state":"applying")");
  }
  Answer(R"("deployment_id":"d1","update_status":"up-to-date")");
  ASSERT_EQ(Wait(), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("\rapplying\x1b[K\rapplying, 1 s\x1b[K\rapplying, 2 s\x1b[K"));
}

TEST_F(Update, WaitOnATerminal_DrawsABarOfBytes) {
  err_is_tty_ = true;
  Answer(R"("deployment_id":"d1","update_status":"pending")");
  Answer(
      R"("deployment_id":"d1","update_status":"pending","update_state":"fetching-layers","bytes_staged":1024,"bytes_total":2048)");
  Answer(R"("deployment_id":"d1","update_status":"up-to-date")");
  ASSERT_EQ(Wait(), 0);
  EXPECT_THAT(
      err_, HasSubstr("fetching layers [###############---------------]  50%  1.0 KiB / 2.0 KiB"));
}

TEST_F(Update, WaitAndTheUpdateFails_HasTheDevicesCodeAndTheCloudsWords) {
  Answer(R"("deployment_id":"d1","update_status":"pending")");
  Answer(
      R"("deployment_id":"d1","update_status":"error","update_error_code":300,"update_error":"hash differs; upload again")");
  EXPECT_EQ(Wait(), 30);
  EXPECT_THAT(
      err_,
      HasSubstr("error 300 LayerHashMismatch: the update failed: hash differs; upload again"));
}

TEST_F(Update, WaitAndTheErrorHasNoWords_TakesThemFromTheTable) {
  Answer(R"("deployment_id":"d1","update_status":"pending")");
  Answer(
      R"("deployment_id":"d1","update_status":"error","update_error_code":502,"update_error":null)");
  EXPECT_EQ(Wait(), 50);
  EXPECT_THAT(err_, HasSubstr("did not say it is ready"));
  EXPECT_THAT(err_, HasSubstr("Next step: "));
}

TEST_F(Update, WaitTooLong_IsATimeout) {
  cloud_.handler = [](const HttpRequest&) -> Expected<HttpResponse> {
    return HttpResponse{200,
                        R"({"sid":"UV1","app":{"deployment_id":"d1","update_status":"pending"}})"};
  };
  EXPECT_EQ(Wait({"--timeout", "3"}), 10);
  EXPECT_THAT(err_, HasSubstr("107 Timeout"));
  EXPECT_EQ(clock_.time_since_epoch(), std::chrono::seconds(3));
}

TEST_F(Update, WaitAndTheCloudIsAwayForAWhile_GoesOn) {
  Answer(R"("deployment_id":"d1","update_status":"pending")");
  cloud_.answers.emplace_back(Local(Code::kCloudUnreachable, "away"));
  cloud_.Answer(503, R"({"code":20503,"message":"starting","status":503})");
  Answer(R"("deployment_id":"d1","update_status":"up-to-date")");
  EXPECT_EQ(Wait(), 0) << err_;
}

TEST_F(Update, WaitAndTheCloudIsBusy_WaitsAsLongAsItSays) {
  Answer(R"("deployment_id":"d1","update_status":"pending")");
  HttpResponse busy{429, R"({"code":20429,"message":"slowly","status":429})"};
  busy.retry_after = std::chrono::seconds(7);
  cloud_.answers.emplace_back(busy);
  Answer(R"("deployment_id":"d1","update_status":"up-to-date")");
  EXPECT_EQ(Wait(), 0) << err_;
  EXPECT_GE(clock_.time_since_epoch(), std::chrono::seconds(7));
}

TEST_F(Update, SwitchesGivenTwice_TheLastCounts) {
  cloud_.Answer(200, "{}");
  ASSERT_EQ(Run({"devices", "update", "d", "--no-logging-enabled", "--logging-enabled"}), 0);
  EXPECT_EQ(cloud_.requests.back().form, (Fields{{"LoggingEnabled", "true"}}));
  cloud_.Answer(200, "{}");
  ASSERT_EQ(Run({"devices", "update", "d", "--restart-app", "--restart-app=false"}), 0);
  EXPECT_EQ(cloud_.requests.back().form, (Fields{{"RestartApp", "false"}}));
}

TEST_F(Update, SwitchThatIsGivenAWord_IsAWrongCommandLine) {
  for (const char* given : {"--restart-app=maybe", "--no-restart-app=x"}) {
    EXPECT_EQ(Run({"devices", "update", "d", given}), 1);
    EXPECT_THAT(err_, HasSubstr("restart-app"));
    EXPECT_THAT(err_, Not(HasSubstr("Internal")));
  }
  EXPECT_TRUE(cloud_.requests.empty());
}

TEST_F(Update, WaitAndAnotherDeploymentComes_Fails) {
  Answer(R"("deployment_id":"d1","update_status":"pending")");
  Answer(R"("deployment_id":"d2","update_status":"up-to-date")");
  EXPECT_EQ(Wait(), 10);
  EXPECT_THAT(err_, HasSubstr("another deployment"));
}

TEST_F(Update, Tags_AreAllThatTheDeviceShallHave) {
  Answer("");
  ASSERT_EQ(Run({"devices", "update", "--sid", "one", "--tag", "a b", "--tag", "c"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.at(0).form, (Fields{{"Tags", "a b,c"}}));
  Answer("");
  ASSERT_EQ(Run({"devices", "update", "one", "--no-tags"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.at(1).form, (Fields{{"Tags", ""}}));
  EXPECT_EQ(Run({"devices", "update", "one", "--no-tags", "--tag", "a"}), 1);
  EXPECT_EQ(Run({"devices", "update", "one", "--tag", "a,b"}), 1);
  EXPECT_EQ(cloud_.requests.size(), 2U);
}

}  // namespace
}  // namespace strata::cli
