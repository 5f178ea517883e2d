// SPDX-License-Identifier: Apache-2.0
// Events, their live stream, and updates of devices over the real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class EventsServer : public ServerWorld {
 protected:
  EventsServer() {
    config.limits.stream_pause = std::chrono::milliseconds(1);
    config.limits.stream_heartbeat = std::chrono::minutes(10);
  }

  void SetUp() override {
    device_ = Provision("board");
    app_ = MakeApp();
  }

  TestResponse Get(const std::string& path) { return People()->Ask(Request("GET", path)); }

  std::unique_ptr<TestClient> Follow(const std::string& path) {
    auto client = People();
    client->Send(Request("GET", path));
    EXPECT_EQ(client->Receive().status, 200);
    EXPECT_THAT(client->ReadUntil("\n\n"), StartsWith("retry: 2000\nid: "));
    return client;
  }

  ProvisionedTestDevice device_;
  std::string app_;
};

TEST_F(EventsServer, List_HasTheSpecsShape) {
  ASSERT_EQ(Deploy(device_.sid, app_).status, 200);
  const auto page = ParseJson(Get("/v1/Events?PageSize=1&Device=board").body);
  const auto& event = page.at("events").as_array().at(0).as_object();
  EXPECT_EQ(JsonText(event, "type"), "deployment.pending");
  EXPECT_EQ(JsonText(event, "device_sid"), device_.sid);
  EXPECT_EQ(JsonText(event, "app_sid"), app_);
  EXPECT_EQ(JsonText(event, "deployment_id").size(), 32U);
  EXPECT_EQ(event.at("error_code"), 0);
  EXPECT_EQ(event.at("error"), nullptr);
  EXPECT_THAT(JsonText(page.at("meta").as_object(), "next_page_url"), HasSubstr("&Device=board"));
  EXPECT_EQ(Get("/v1/Events?Type=nothing").status, 400);
  EXPECT_EQ(Get("/v1/Events?Device=none").status, 400);
}

TEST_F(EventsServer, Stream_BringsWhatHappensAsItHappens) {
  const auto all = Follow("/v1/Events/Stream");
  const auto deployments = Follow("/v1/Events/Stream?Type=deployment.pending");
  Provision("other");
  ASSERT_EQ(Deploy(device_.sid, app_).status, 200);
  EXPECT_THAT(all->ReadUntil("device.provisioned"), HasSubstr("id: "));
  EXPECT_THAT(all->ReadUntil("\n\n"), HasSubstr("\"unique_name\":\"other\""));
  EXPECT_THAT(all->ReadUntil("deployment.pending"), HasSubstr("id: "));
  EXPECT_THAT(deployments->ReadUntil("deployment.pending"), Not(HasSubstr("provisioned")));
}

TEST_F(EventsServer, Stream_CatchesUpOnEverythingThatIsKept) {
  const auto past = Get("/v1/Events/Stream?LastEventId=0&Follow=false");
  EXPECT_LT(past.body.find("device.provisioned"), past.body.find("app.created"));
}

TEST_F(EventsServer, ManyReaders_SeeManyChangesInOrder) {
  std::vector<std::unique_ptr<TestClient>> readers;
  for (int i = 0; i < 5; ++i) {
    readers.push_back(Follow("/v1/Events/Stream"));
  }
  constexpr int kChanges = 300;
  for (int i = 0; i < kChanges; ++i) {
    ASSERT_TRUE(
        service->UpdateDevice(*world.account, "board", {.tags = "t" + std::to_string(i)}).ok());
  }
  for (const auto& reader : readers) {
    std::int64_t last = 0;
    for (int i = 0; i < kChanges; ++i) {
      const std::string event = reader->ReadUntil("\n\n");
      ASSERT_THAT(event, StartsWith("id: "));
      const std::int64_t id = std::stoll(event.substr(4));
      EXPECT_GT(id, last);
      last = id;
    }
  }
}

TEST_F(EventsServer, Updates_HaveTheSpecsShape) {
  ASSERT_EQ(Deploy(device_.sid, app_).status, 200);
  const auto page = ParseJson(Get("/v1/Devices/board/Updates").body);
  const auto& update = page.at("updates").as_array().at(0).as_object();
  EXPECT_EQ(JsonText(update, "outcome"), "pending");
  EXPECT_EQ(JsonText(update, "app_sid"), app_);
  EXPECT_EQ(update.at("date_started"), nullptr);
  EXPECT_EQ(Get("/v1/Devices/none/Updates").status, 404);
}

TEST_F(EventsServer, RemovedDevice_IsRefusedAndItsPollAndLogEnd) {
  ASSERT_TRUE(service->UpdateDevice(*world.account, "board", {.logging_enabled = true}).ok());
  const auto log = Follow("/v1/Devices/board/Logs/Stream");
  const auto poll = Device(device_.identity);
  const auto known =
      Device(device_.identity)->Ask("GET /device/v1/desired HTTP/1.1\r\nHost: x\r\n\r\n");
  poll->Send("GET /device/v1/desired HTTP/1.1\r\nHost: x\r\nPrefer: wait=60\r\nIf-None-Match: " +
             known.Header("etag") + "\r\n\r\n");
  ASSERT_TRUE(Eventually([this] { return polls.size() == 1; }));
  ASSERT_EQ(People()->Ask(Request("DELETE", "/v1/Devices/board")).status, 204);
  EXPECT_EQ(poll->Receive().status, 403);
  EXPECT_TRUE(Eventually([this] { return polls.streams().size() == 0; }));
  EXPECT_EQ(
      Device(device_.identity)->Ask("GET /device/v1/desired HTTP/1.1\r\nHost: x\r\n\r\n").status,
      403);
}

}  // namespace
}  // namespace strata::cloud
