// SPDX-License-Identifier: Apache-2.0
#include "apps/prune.hpp"

#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Prune : public TestBed {
 protected:
  Prune() {
    SignInByEnvironment();
    // 2026-01-10T00:00:00Z
    wall_ = std::chrono::sys_days(std::chrono::year(2026) / 1 / 10);
  }

  /// Two pages of apps, newest first: KA6 is from the 9th, 12:00; KA5 … KA1 from the 5th … 1st.
  void AnswerLists() {
    cloud_.Answer(200,
                  R"({"apps":[{"sid":"KA6","date_created":"2026-01-09T12:00:00Z"},)"
                  R"({"sid":"KA5","date_created":"2026-01-05T00:00:00Z"},)"
                  R"({"sid":"KA4","unique_name":"v4","date_created":"2026-01-04T00:00:00Z"}],)"
                  R"("meta":{"next_page_url":"https://cloud.example:8443/v1/Apps?PageToken=2"}})");
    cloud_.Answer(
        200,
        R"({"apps":[{"sid":"KA3","date_created":"2026-01-03T00:00:00Z"},)"
        R"({"sid":"KA2","date_created":"soon"},)"
        R"({"sid":"KA1","date_created":"2026-01-01T00:00:00Z"}],"meta":{"next_page_url":null}})");
    cloud_.Answer(200,
                  R"({"devices":[{"sid":"UV1","app":{"target_sid":"KA4","reported_sid":"KA3"}}],)"
                  R"("meta":{"next_page_url":"/v1/Devices?PageToken=2"}})");
    cloud_.Answer(
        200, R"({"devices":[{"sid":"UV2","app":{"target_sid":"KA4"}},{"sid":"UV3"}],"meta":{}})");
  }

  [[nodiscard]] std::vector<std::string> Deleted() const {
    std::vector<std::string> paths;
    for (const HttpRequest& request : cloud_.requests) {
      if (request.method == "DELETE") {
        paths.push_back(request.path);
      }
    }
    return paths;
  }
};

TEST_F(Prune, OldOnesThatNoDeviceHolds_AreDeleted) {
  AnswerLists();
  cloud_.Answer(204, "");
  cloud_.Answer(204, "");
  ASSERT_EQ(Run({"apps", "prune", "--older-than", "24h", "--properties", "sid,result,devices"}), 0)
      << err_;
  EXPECT_THAT(Deleted(), ElementsAre("/v1/Apps/KA5", "/v1/Apps/KA1"));
  EXPECT_EQ(out_,
            "SID  Result       Devices\n"
            "KA5  removed      []\n"
            "KA4  deployed     [\"UV1\",\"UV2\"]\n"
            "KA3  deployed     [\"UV1\"]\n"
            "KA2  unknown age  []\n"
            "KA1  removed      []\n");
  EXPECT_EQ(err_, "Old apps: 2 deployed, 2 removed, 1 unknown age\n");
}

TEST_F(Prune, DryRun_DeletesNothing) {
  AnswerLists();
  ASSERT_EQ(Run({"apps", "prune", "--older-than", "1d", "--dry-run"}), 0) << err_;
  EXPECT_THAT(Deleted(), ElementsAre());
  EXPECT_THAT(out_, HasSubstr("would be removed"));
}

TEST_F(Prune, TheNewest_IsKeptWhateverItsAge) {
  AnswerLists();
  cloud_.Answer(204, "");
  ASSERT_EQ(Run({"apps", "prune", "--older-than", "60s", "--keep", "2"}), 0) << err_;
  EXPECT_THAT(Deleted(), ElementsAre("/v1/Apps/KA1"));
  EXPECT_THAT(err_, HasSubstr("2 newest"));
}

TEST_F(Prune, DeployedMeanwhileOrGoneAlready_IsNoFailure) {
  AnswerLists();
  cloud_.Answer(400, R"({"code":65004,"message":"targeted by UV9","status":400})");
  cloud_.Answer(404, R"({"code":20404,"message":"not found","status":404})");
  EXPECT_EQ(Run({"apps", "prune", "--older-than", "24h"}), 0) << err_;
  EXPECT_EQ(Deleted().size(), 2U);
}

TEST_F(Prune, ARefusalOfOne_DoesNotStopTheOthersAndIsTheExitCode) {
  AnswerLists();
  cloud_.Answer(403, R"({"code":20006,"message":"needs deploy","status":403})");
  cloud_.Answer(204, "");
  EXPECT_EQ(Run({"apps", "prune", "--older-than", "24h", "-o", "json"}), 20);
  EXPECT_EQ(Deleted().size(), 2U);
  EXPECT_THAT(out_, HasSubstr("\"failed\""));
  EXPECT_THAT(err_, HasSubstr("needs deploy"));
}

TEST_F(Prune, TheCloudGoesAway_LeavesTheRestAlone) {
  AnswerLists();
  EXPECT_EQ(Run({"apps", "prune", "--older-than", "24h"}), 60);
  EXPECT_EQ(Deleted().size(), 1U);
}

TEST_F(Prune, ListOfDevicesFails_DeletesNothing) {
  cloud_.Answer(200, R"({"apps":[{"sid":"KA1","date_created":"2020-01-01T00:00:00Z"}],"meta":{}})");
  EXPECT_EQ(Run({"apps", "prune", "--older-than", "24h"}), 60);
  EXPECT_THAT(Deleted(), ElementsAre());
}

TEST_F(Prune, NoAgeOrNonsense_AsksTheCloudNothing) {
  EXPECT_EQ(Run({"apps", "prune"}), 1);
  for (const char* age : {"", "24", "h", "-1h", "1y", "24h ", "99999999999d"}) {
    EXPECT_EQ(Run({"apps", "prune", "--older-than", age}), 10) << age;
  }
  EXPECT_TRUE(cloud_.requests.empty());
}

}  // namespace
}  // namespace strata::cli
