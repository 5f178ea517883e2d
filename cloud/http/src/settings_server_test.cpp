// SPDX-License-Identifier: Apache-2.0
// Configs and secrets over the real server.
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;
using testing::Not;

class SettingsServer : public ServerWorld {
 protected:
  TestResponse Get(const std::string& path) { return client_->Ask(Request("GET", path)); }

  TestResponse Post(const std::string& path, const std::string& form) {
    return client_->Ask(FormRequest(path, form));
  }

  TestResponse Delete(const std::string& path) { return client_->Ask(Request("DELETE", path)); }

  static std::vector<std::string> Names(const std::string& body) {
    std::vector<std::string> names;
    for (const auto& field : ParseJson(body)) {
      names.emplace_back(field.key());
    }
    return names;
  }

  void SetUp() override {
    client_ = People();
    device_ = Provision("kitchen").sid;
  }

  std::unique_ptr<TestClient> client_;
  std::string device_;
  const std::string base_ = "https://cloud.test:1234";
};

TEST_F(SettingsServer, Config_OfAccount_HasTheOriginalsShapeAndStatuses) {
  const auto made = Post("/v1/Configs", "Key=first&Value=some%20thing");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(Names(made.body), (std::vector<std::string>{"key", "value", "date_updated", "url"}));
  const auto made_config = ParseJson(made.body);
  EXPECT_EQ(JsonText(made_config, "value"), "some thing");
  EXPECT_EQ(JsonText(made_config, "url"), base_ + "/v1/Configs/first");
  EXPECT_EQ(JsonText(made_config, "date_updated").size(), 20U);
  EXPECT_EQ(Post("/v1/Configs", "Key=first&Value=x").status, 409);
  EXPECT_EQ(Get("/v1/Configs/first").body, made.body);
  const auto updated = Post("/v1/Configs/first", "Value=");
  EXPECT_EQ(updated.status, 200);
  EXPECT_EQ(JsonText(ParseJson(updated.body), "value"), "");
  const auto list = ParseJson(Get("/v1/Configs.json?PageSize=1").body);
  EXPECT_EQ(list.at("configs").as_array().size(), 1U);
  EXPECT_EQ(JsonText(list.at("meta").as_object(), "key"), "configs");
  EXPECT_EQ(Delete("/v1/Configs/first").status, 204);
  EXPECT_EQ(Get("/v1/Configs/first").status, 404);
  EXPECT_EQ(Post("/v1/Configs", "Key=first").status, 400);
  EXPECT_EQ(Post("/v1/Configs", "Value=first").status, 400);
  EXPECT_EQ(Post("/v1/Configs/none", "Value=x").status, 404);
}

TEST_F(SettingsServer, Secret_NeverShowsItsValue) {
  const std::string marker = "hunter2-hunter2";
  const std::string log_path = world.dir + "/access.log";
  const int log = open(log_path.c_str(), O_RDWR | O_CREAT | O_APPEND, 0600);
  client_.reset();
  server.reset();
  config.log.fd = log;
  Start();
  client_ = People();
  std::string answers;
  for (const std::string& place :
       {std::string("/v1/Secrets"), "/v1/Devices/" + device_ + "/Secrets"}) {
    const auto made = Post(place, "Key=first&Value=" + marker);
    ASSERT_EQ(made.status, 201) << made.body;
    std::vector<std::string> expected = {"key", "date_rotated", "url"};
    if (place != "/v1/Secrets") {
      expected.insert(expected.begin(), "device_sid");
    }
    EXPECT_EQ(Names(made.body), expected);
    EXPECT_EQ(Post(place + "/first", "Value=" + marker + "2").status, 200);
    const auto list = Get(place);
    EXPECT_EQ(ParseJson(list.body).at("secrets").as_array().size(), 1U);
    answers += made.body + list.body + Get(place + "/first").body;
    answers += Post(place, "Key=first&Value=" + marker).body;
    answers += Post(place, "Key=second&Value=" + marker + "%00").body;
    EXPECT_EQ(Delete(place + "/first").status, 204);
  }
  client_.reset();
  server.reset();
  close(log);
  std::ifstream file(log_path, std::ios::binary);
  const std::string logged{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(logged, HasSubstr("/Secrets/first"));
  EXPECT_THAT(logged, Not(HasSubstr(marker)));
  EXPECT_THAT(answers, Not(HasSubstr(marker)));
}

TEST_F(SettingsServer, Device_ByNameOrSid) {
  const auto made = Post("/v1/Devices/kitchen/Configs", "Key=k&Value=v");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(Names(made.body),
            (std::vector<std::string>{"device_sid", "key", "value", "date_updated", "url"}));
  EXPECT_EQ(JsonText(ParseJson(made.body), "device_sid"), device_);
  EXPECT_EQ(JsonText(ParseJson(made.body), "url"), base_ + "/v1/Devices/" + device_ + "/Configs/k");
  EXPECT_EQ(Get("/v1/Devices/" + device_ + "/Configs/k").body, made.body);
  EXPECT_EQ(Get("/v1/Devices/kitchen/Configs").status, 200);
  EXPECT_EQ(Get("/v1/Devices/attic/Configs").status, 404);
  EXPECT_EQ(Post("/v1/Devices/attic/Configs", "Key=k&Value=v").status, 404);
}

TEST_F(SettingsServer, Key_WithSlashOrPercent_IsOneSegment) {
  for (const std::string& key : {std::string("a/b"), std::string("50%"), std::string("x y?#")}) {
    const auto made = Post("/v1/Configs", "Key=" + Encode(key) + "&Value=v");
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string url = JsonText(ParseJson(made.body), "url");
    ASSERT_EQ(url.substr(0, base_.size()), base_);
    EXPECT_EQ(Get(url.substr(base_.size())).body, made.body) << url;
  }
  EXPECT_EQ(Get("/v1/Configs/a%2Fb").status, 200);
  EXPECT_EQ(Get("/v1/Configs/a/b").status, 404);
  EXPECT_EQ(Delete("/v1/Configs/a%2fb.json").status, 204);
}

TEST_F(SettingsServer, KeyEndingInJson_IsTakenBeforeTheSuffixIsDropped) {
  ASSERT_EQ(Post("/v1/Configs", "Key=net&Value=short").status, 201);
  EXPECT_EQ(JsonText(ParseJson(Get("/v1/Configs/net.json").body), "value"), "short");
  ASSERT_EQ(Post("/v1/Configs", "Key=net.json&Value=long").status, 201);
  EXPECT_EQ(JsonText(ParseJson(Get("/v1/Configs/net.json").body), "value"), "long");
  EXPECT_EQ(JsonText(ParseJson(Get("/v1/Configs/net.json.json").body), "value"), "long");
  EXPECT_EQ(Post("/v1/Configs/net.json", "Value=longer").status, 200);
  EXPECT_EQ(JsonText(ParseJson(Get("/v1/Configs/net").body), "value"), "short");
  EXPECT_EQ(Delete("/v1/Configs/net.json").status, 204);
  EXPECT_EQ(Get("/v1/Configs/net").status, 200);
}

TEST_F(SettingsServer, KeyEndingInJson_WithAnEncodedDot_NamesNoOtherKey) {
  ASSERT_EQ(Post("/v1/Configs", "Key=net&Value=short").status, 201);
  const auto made = Post("/v1/Configs", "Key=net.json&Value=long");
  const std::string path = JsonText(ParseJson(made.body), "url").substr(base_.size());
  EXPECT_EQ(path, "/v1/Configs/net%2Ejson");
  EXPECT_EQ(JsonText(ParseJson(Get(path).body), "value"), "long");
  EXPECT_EQ(JsonText(ParseJson(Get(path + ".json").body), "value"), "long");
  EXPECT_EQ(Delete(path).status, 204);
  EXPECT_EQ(Get(path).status, 404);
  EXPECT_EQ(Post(path, "Value=longer").status, 404);
  EXPECT_EQ(Delete(path).status, 404);
  EXPECT_EQ(JsonText(ParseJson(Get("/v1/Configs/net").body), "value"), "short");
}

TEST_F(SettingsServer, OtherMethods_Are405) {
  const auto refused = client_->Ask(Request("PUT", "/v1/Configs/first", "x"));
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.Header("allow"), "GET, POST, DELETE");
}

}  // namespace
}  // namespace strata::cloud
