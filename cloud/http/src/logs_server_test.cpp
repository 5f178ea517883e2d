// SPDX-License-Identifier: Apache-2.0
// Devices' logs and live streams over the real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class LogsServer : public ServerWorld {
 protected:
  LogsServer() {
    config.limits.stream_heartbeat = std::chrono::milliseconds(200);
    config.limits.stream_pause = std::chrono::milliseconds(1);
    config.limits.streams = 2;
  }

  void SetUp() override {
    Start();
    device_ = Provision("board");
    ASSERT_TRUE(service->UpdateDevice(*world.account, "board", {.logging_enabled = true}).ok());
  }

  void Log(const std::string& text) {
    wire::LogBatch batch{.dropped = 0, .lines = {}, .count = 1};
    batch.lines[0] = {.kind = wire::LogKind::kUpdate, .text = AsBytes(text)};
    std::vector<std::uint8_t> bytes(wire::kMaxLogBatchBytes);
    bytes.resize(wire::Encode(batch, bytes).value());
    const auto answer =
        Device(device_.identity)
            ->Ask(
                "POST /device/v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: "
                "application/x-protobuf\r\nContent-Length: " +
                std::to_string(bytes.size()) + "\r\n\r\n" + std::string(AsText(bytes)));
    ASSERT_EQ(answer.status, 204) << answer.body;
  }

  /// The stream's head was good when this returns.
  std::unique_ptr<TestClient> Follow(const std::string& headers = "",
                                     const std::optional<TestCredentials>& credentials = {}) {
    auto client = People();
    client->Send(Request("GET", "/v1/Devices/board/Logs/Stream", "", headers, credentials));
    const auto head = client->Receive();
    EXPECT_EQ(head.status, 200) << head.body;
    EXPECT_EQ(head.Header("content-type"), "text/event-stream");
    EXPECT_EQ(head.Header("connection"), "close");
    EXPECT_EQ(head.headers.count("content-length"), 0U);
    EXPECT_THAT(client->ReadUntil("\n\n"), StartsWith("retry: 2000\nid: "));
    return client;
  }

  ProvisionedTestDevice device_;
};

/// Gives a slow reader little time and beats never.
class ImpatientServer : public LogsServer {
 protected:
  ImpatientServer() {
    config.limits.stream_write = std::chrono::milliseconds(300);
    config.limits.stream_heartbeat = std::chrono::minutes(10);
  }
};

TEST_F(LogsServer, List_HasTheSpecsShape) {
  Log("one \"two\"");
  const auto page = ParseJson(People()->Ask(Request("GET", "/v1/Devices/board/Logs")).body);
  const auto& line = page.at("logs").as_array().at(0).as_object();
  EXPECT_EQ(JsonText(line, "type"), "ota_update");
  EXPECT_EQ(JsonText(line, "text"), "one \"two\"");
  EXPECT_EQ(JsonText(line, "timestamp").size(), std::string("2026-01-31T12:34:56.000000Z").size());
  EXPECT_EQ(People()->Ask(Request("GET", "/v1/Devices/none/Logs")).status, 404);
}

TEST_F(LogsServer, Stream_BringsWhatIsNewAndBeatsMeanwhile) {
  Log("before");
  const auto client = Follow();
  EXPECT_EQ(client->ReadUntil(":\n\n"), ":\n\n");
  Log("first");
  Log("second");
  const std::string text = client->ReadUntil("second\"}\n\n");
  EXPECT_THAT(text, HasSubstr("id: "));
  EXPECT_THAT(text, HasSubstr("data: {\"id\":"));
  EXPECT_LT(text.find("first"), text.find("second"));
  EXPECT_THAT(text, Not(HasSubstr("before")));
}

TEST_F(LogsServer, Stream_CatchesUpBehindTheLastEventId) {
  Log("one");
  Log("two");
  const auto all =
      People()->Ask(Request("GET", "/v1/Devices/board/Logs/Stream?LastEventId=0&Follow=false"));
  EXPECT_THAT(all.body, StartsWith("retry: 2000\nid: 0\n\nid: "));
  const std::size_t begin = all.body.find("\n\nid: ") + 6;
  const std::string id = all.body.substr(begin, all.body.find('\n', begin) - begin);
  EXPECT_THAT(all.body, HasSubstr("one"));
  EXPECT_THAT(all.body, HasSubstr("two"));
  const auto rest =
      People()->Ask(Request("GET",
                            "/v1/Devices/board/Logs/Stream?LastEventId=0&Follow=false",
                            "",
                            "Last-Event-ID: " + id + "\r\n"));
  EXPECT_THAT(rest.body, Not(HasSubstr("one"))) << "the header counts";
  EXPECT_THAT(rest.body, HasSubstr("two"));
  for (const char* bad : {"x", "-1", "1x", "99999999999999999999"}) {
    EXPECT_EQ(People()
                  ->Ask(Request("GET",
                                "/v1/Devices/board/Logs/Stream",
                                "",
                                "Last-Event-ID: " + std::string(bad) + "\r\n"))
                  .status,
              400)
        << bad;
  }
}

TEST_F(LogsServer, Stream_OfARevokedKey_Ends) {
  const auto made = People()->Ask(FormRequest("/v1/ApiKeys", "Scopes=read"));
  const auto key = ParseJson(made.body);
  const auto client = Follow("", TestCredentials{JsonText(key, "sid"), JsonText(key, "secret")});
  ASSERT_EQ(People()->Ask(Request("DELETE", "/v1/ApiKeys/" + JsonText(key, "sid"))).status, 204);
  EXPECT_THAT(client->ReadUntil({}), Not(HasSubstr("id:")));
  EXPECT_TRUE(client->Closed());
  EXPECT_TRUE(Eventually([this] { return polls.streams().size() == 0; }));
}

TEST_F(LogsServer, Streams_AreCountedPerAccount) {
  auto first = Follow();
  const auto second = Follow();
  const auto third = People()->Ask(Request("GET", "/v1/Devices/board/Logs/Stream"));
  EXPECT_EQ(third.status, 429) << third.body;
  EXPECT_THAT(third.Header("retry-after"), Not(testing::IsEmpty()));
  first->Disconnect();
  EXPECT_TRUE(Eventually([this] { return polls.streams().size() == 1; })) << "who left is missed";
  Follow();
}

TEST_F(ImpatientServer, Stream_OfASlowReader_IsDropped) {
  const auto client = Follow();
  // More than the sockets between hold: nobody reads.
  const std::string line(1'000, 'x');
  wire::LogBatch batch{.dropped = 0, .lines = {}, .count = 15};
  for (std::uint32_t i = 0; i < batch.count; ++i) {
    batch.lines[i] = {.text = AsBytes(line)};
  }
  std::vector<std::uint8_t> bytes(wire::kMaxLogBatchBytes);
  bytes.resize(wire::Encode(batch, bytes).value());
  const DeviceIdentity identity{*DeviceSid::Parse(device_.sid), world.account->sid, {}};
  EXPECT_TRUE(Eventually([&] {
    world.clock.Advance(60);
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(service->TakeLogs(identity, bytes).ok());
    }
    return polls.streams().size() == 0;
  }));
}

TEST_F(ImpatientServer, Stop_EndsStreamsAtOnce) {
  const auto client = Follow();
  const auto began = std::chrono::steady_clock::now();
  server->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
  EXPECT_TRUE(client->Closed());
}

}  // namespace
}  // namespace strata::cloud
