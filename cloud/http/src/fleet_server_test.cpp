// SPDX-License-Identifier: Apache-2.0
// Tags, filters, counts and history over the real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FleetServer : public ServerWorld {
 protected:
  void SetUp() override {
    client_ = People();
    for (const char* name : {"lab 1", "lab 2", "lab 3", "attic"}) {
      Provision(name);
    }
  }

  TestResponse Get(const std::string& path) { return client_->Ask(Request("GET", path)); }

  TestResponse Post(const std::string& path, const std::string& form) {
    return client_->Ask(FormRequest(path, form));
  }

  std::vector<std::string> Names(const std::string& path) {
    const auto response = Get(path);
    EXPECT_EQ(response.status, 200) << response.body;
    std::vector<std::string> names;
    const auto page = ParseJson(response.body);
    for (const auto& device : page.at("devices").as_array()) {
      names.push_back(JsonText(device.as_object(), "unique_name"));
    }
    return names;
  }

  std::unique_ptr<TestClient> client_;
};

TEST_F(FleetServer, Tags_AreInTheDeviceAndFindIt) {
  const auto tagged = Post("/v1/Devices/lab%202", "Tags=" + Encode("blue, batch 7"));
  ASSERT_EQ(tagged.status, 200) << tagged.body;
  EXPECT_EQ(boost::json::serialize(ParseJson(tagged.body).at("tags")), R"(["batch 7","blue"])");
  EXPECT_THAT(Names("/v1/Devices?Tag=batch+7"), ElementsAre("lab 2"));
  EXPECT_EQ(Post("/v1/Devices/lab%202", "Tags=a%2C%2Cb").status, 400);
  EXPECT_EQ(boost::json::serialize(ParseJson(Get("/v1/Devices/attic").body).at("tags")), "[]");
}

TEST_F(FleetServer, Filters_StandInEveryUrlOfThePage) {
  const auto first = ParseJson(Get("/v1/Devices?Name=lab%20&State=up-to-date&PageSize=2").body);
  const auto& meta = first.at("meta").as_object();
  for (const char* key : {"url", "first_page_url", "next_page_url"}) {
    EXPECT_THAT(JsonText(meta, key), HasSubstr("&State=up-to-date&Name=lab%20")) << key;
  }
  std::string next = JsonText(meta, "next_page_url");
  next.erase(0, std::string("https://cloud.test:1234").size());
  EXPECT_THAT(Names(next), ElementsAre("lab 1"));
  const std::string token = next.substr(next.find("PageToken="));
  EXPECT_EQ(Get("/v1/Devices?PageSize=2&" + token).status, 400) << "without its filters";
}

TEST_F(FleetServer, Filters_ThatMeanNothing_AreRefused) {
  for (const char* query : {"State=fine",
                            "State=",
                            "App=none",
                            "App=",
                            "Tag=",
                            "SilentSince=1",
                            "SilentSince=2026-02-30T00:00:00Z",
                            "SilentSince=2026-01-01",
                            "Tag=a&Tag=b"}) {
    EXPECT_EQ(Get(std::string("/v1/Devices?") + query).status, 400) << query;
  }
  EXPECT_THAT(Names("/v1/Devices?SilentSince=2026-01-31T12:34:56Z&Name=at"), ElementsAre("attic"));
}

TEST_F(FleetServer, Counts_HaveTheSpecsShape) {
  const std::string app = MakeApp();
  ASSERT_EQ(Post("/v1/Devices/attic", "TargetApp=" + app).status, 200);
  const auto response = Get("/v1/DeviceCounts.json");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto counts = ParseJson(response.body);
  EXPECT_EQ(counts.at("devices"), 4);
  EXPECT_EQ(counts.at("up_to_date"), 3);
  EXPECT_EQ(counts.at("pending"), 1);
  EXPECT_EQ(counts.at("error"), 0);
  EXPECT_EQ(JsonText(counts, "url"), "https://cloud.test:1234/v1/DeviceCounts");
  EXPECT_EQ(JsonText(counts, "date").size(), 20U);
  const auto& apps = counts.at("apps").as_array();
  ASSERT_EQ(apps.size(), 2U);
  EXPECT_EQ(apps.at(0).at("app_sid"), nullptr);
  EXPECT_EQ(apps.at(1).at("app_sid").as_string(), app.c_str());
  EXPECT_EQ(apps.at(1).at("pending"), 1);
  EXPECT_EQ(apps.at(1).at("running"), 0);
}

TEST_F(FleetServer, History_HasTheSpecsShape) {
  ASSERT_TRUE(service->RecordHour().ok());
  const auto response = Get("/v1/DeviceHistory");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto history = ParseJson(response.body);
  const auto& hours = history.at("hours").as_array();
  ASSERT_EQ(hours.size(), 1U);
  EXPECT_EQ(hours.at(0).at("devices"), 4);
  EXPECT_EQ(hours.at(0).at("app_sid"), nullptr);
  const std::string date(hours.at(0).at("date").as_string().c_str());
  EXPECT_EQ(date.substr(14), "00:00Z");
  EXPECT_EQ(Get("/v1/DeviceHistory?Since=" + date + "&Until=" + date).status, 400);
  EXPECT_EQ(Get("/v1/DeviceHistory?Since=yesterday").status, 400);
}

}  // namespace
}  // namespace strata::cloud
