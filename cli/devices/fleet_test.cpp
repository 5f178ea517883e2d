// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kCounts =
    R"({"account_sid":"AC1","date":"2026-03-01T00:00:00Z","devices":3,"up_to_date":1,"pending":2,)"
    R"("error":0,"apps":[{"app_sid":"KA1","unique_name":"one","devices":2,"up_to_date":1,)"
    R"("pending":1,"error":0,"running":1},{"app_sid":null,"unique_name":null,"devices":1,)"
    R"("up_to_date":0,"pending":1,"error":0,"running":0},"nonsense"],"url":"u"})";

constexpr const char* kHistory =
    R"({"hours":[{"date":"2026-03-01T00:00:00Z","app_sid":"KA1","devices":2,"up_to_date":1,)"
    R"("pending":0,"error":1},{"date":"2026-03-01T01:00:00Z","app_sid":null,"devices":1,)"
    R"("up_to_date":1,"pending":0,"error":0}],"url":"u"})";

class Fleet : public TestBed {
 protected:
  Fleet() {
    SignInByEnvironment();
    wall_ = std::chrono::sys_days(std::chrono::year(2026) / 3 / 2);
  }
};

TEST_F(Fleet, Counts_AreARowOfAllAndOneForEachApp) {
  cloud_.Answer(200, kCounts);
  ASSERT_EQ(Run({"devices", "counts"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.at(0).path, "/v1/DeviceCounts");
  EXPECT_EQ(out_,
            "App SID          Unique Name  Devices  Up To Date  Pending  Error  Running\n"
            "(all)                         3        1           2        0\n"
            "KA1              one          2        1           1        0      1\n"
            "(no target app)               1        0           1        0      0\n");
}

TEST_F(Fleet, CountsAsJson_AreTheResource) {
  cloud_.Answer(200, kCounts);
  ASSERT_EQ(Run({"devices:counts", "-o", "json"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr(R"("accountSid": "AC1")"));
  EXPECT_THAT(out_, HasSubstr(R"("app_sid": null)"));
}

TEST_F(Fleet, History_IsAskedForByDateOrByHowLongAgo) {
  cloud_.Answer(200, kHistory);
  ASSERT_EQ(Run({"devices",
                 "history",
                 "--since",
                 "7d",
                 "--until",
                 "2026-03-02T00:00:00Z",
                 "--app",
                 "my app"}),
            0)
      << err_;
  EXPECT_EQ(cloud_.requests.at(0).path,
            "/v1/DeviceHistory?Since=2026-02-23T00%3A00%3A00Z&Until=2026-03-02T00%3A00%3A00Z"
            "&App=my%20app");
  EXPECT_EQ(out_,
            "Date                  App SID          Devices  Up To Date  Pending  Error\n"
            "2026-03-01T00:00:00Z  KA1              2        1           0        1\n"
            "2026-03-01T01:00:00Z  (no target app)  1        1           0        0\n");
  cloud_.Answer(200, kHistory);
  ASSERT_EQ(Run({"devices", "history", "-o", "json"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.at(1).path, "/v1/DeviceHistory");
  EXPECT_THAT(out_, HasSubstr(R"("appSid": null)"));
}

TEST_F(Fleet, HistoryOfNoDateOrNoHours_SaysSo) {
  EXPECT_EQ(Run({"devices", "history", "--since", "yesterday"}), 10);
  EXPECT_THAT(err_, HasSubstr("--since"));
  EXPECT_TRUE(cloud_.requests.empty());
  cloud_.Answer(200, R"({"hours":[]})");
  EXPECT_EQ(Run({"devices", "history"}), 0);
  EXPECT_EQ(err_, "No results\n");
}

}  // namespace
}  // namespace strata::cli
