// SPDX-License-Identifier: Apache-2.0
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

class DeviceLife : public TestBed {
 protected:
  DeviceLife() { SignInByEnvironment(); }
};

TEST_F(DeviceLife, ListFilters_AreTheCloudsAndFollowThePages) {
  wall_ = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + std::chrono::hours(1);
  cloud_.Answer(
      200,
      R"({"devices":[{"sid":"UV1"}],"meta":{"next_page_url":"/v1/Devices?State=error&PageToken=t"}})");
  cloud_.Answer(200, R"({"devices":[{"sid":"UV2"}],"meta":{}})");
  ASSERT_EQ(Run({"devices",
                 "list",
                 "--state",
                 "error",
                 "--app",
                 "my app",
                 "--name",
                 "b",
                 "--tag",
                 "x&y",
                 "--silent-since",
                 "24h",
                 "--page-size",
                 "1"}),
            0)
      << err_;
  EXPECT_EQ(cloud_.requests.at(0).path,
            "/v1/Devices?State=error&App=my%20app&Name=b&Tag=x%26y"
            "&SilentSince=2026-02-28T01%3A00%3A00Z&PageSize=1");
  EXPECT_EQ(cloud_.requests.at(1).path, "/v1/Devices?State=error&PageToken=t");
  cloud_.Answer(200, R"({"devices":[],"meta":{}})");
  ASSERT_EQ(Run({"devices", "list", "--silent-since", "2026-01-02T03:04:05Z"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.at(2).path, "/v1/Devices?SilentSince=2026-01-02T03%3A04%3A05Z");
  EXPECT_EQ(Run({"devices", "list", "--silent-since", "yesterday"}), 10);
  EXPECT_EQ(Run({"devices", "list", "--state", "fine"}), 1);
  EXPECT_EQ(cloud_.requests.size(), 3U);
}

TEST_F(DeviceLife, List_ToleratesMissingFields) {
  cloud_.Answer(200, R"({"devices":[{},{"sid":"UV1"},7]})");
  ASSERT_EQ(Run({"api:microvisor:v1:devices:list"}), 0);
  EXPECT_EQ(out_, "SID  Unique Name\n\nUV1\n");
}

TEST_F(DeviceLife, Remove_DeletesAndSaysSo) {
  cloud_.Answer(204, "");
  EXPECT_EQ(Run({"devices", "remove", "--sid", "board"}), 0);
  EXPECT_EQ(cloud_.requests.at(0).method, "DELETE");
  EXPECT_EQ(cloud_.requests.at(0).path, "/v1/Devices/board");
  EXPECT_EQ(err_, "The resource was deleted successfully\n");
}

TEST_F(DeviceLife, Updates_AreListed) {
  cloud_.Answer(
      200,
      R"({"updates":[{"date_targeted":"2026-01-31T12:34:56Z","app_sid":"KA1","outcome":"reverted","error_code":501}]})");
  EXPECT_EQ(Run({"devices", "updates", "board"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.at(0).path, "/v1/Devices/board/Updates");
  EXPECT_NE(out_.find("reverted"), std::string::npos) << out_;
}

}  // namespace
}  // namespace strata::cli
