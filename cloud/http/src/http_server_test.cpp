// SPDX-License-Identifier: Apache-2.0
// Clients that are slow, hostile or unusual.
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using HttpServer = ServerWorld;

TEST_F(HttpServer, Smuggling_LengthAndChunksOrTwoLengths_IsRefusedAndClosed) {
  for (const char* headers : {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                              "Content-Length: 5\r\nContent-Length: 5\r\n",
                              "Content-Length: 5\r\nContent-Length: 6\r\n",
                              "Content-Length: +5\r\n",
                              "Content-Length: 5, 5\r\n",
                              "Transfer-Encoding: gzip, chunked\r\n",
                              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding: identity\r\n",
                              "Transfer-Encoding : chunked\r\n",
                              "Host: other\r\n",
                              "Bad Name: x\r\n"}) {
    const auto client = People();
    const auto response = client->Ask(Request("POST", "/v1/Devices/x", "", headers) +
                                      "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(response.status, 400) << headers;
    EXPECT_EQ(response.Header("connection"), "close") << headers;
    EXPECT_TRUE(client->Closed()) << headers;
  }
}

TEST_F(HttpServer, PagesOutsideTheApi_TakeGetAndHeadAlone) {
  for (const std::string path : {"/healthz", "/readyz", "/docs/spec/rest.md"}) {
    const std::string rest = " " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    const auto head = People();
    ASSERT_TRUE(head->Send("HEAD" + rest));
    EXPECT_THAT(head->ReadUntil("\r\n\r\n"), testing::StartsWith("HTTP/1.1 200 ")) << path;
    const auto refused = People()->Ask("POST" + rest);
    EXPECT_EQ(refused.status, 405) << path;
    EXPECT_EQ(refused.Header("allow"), "GET, HEAD") << path;
  }
}

TEST_F(HttpServer, RequestThatNamesNoHost_IsReferredToTheServersOwnAddress) {
  const auto refused = People()->Ask("GET /healthz HTTP/3.0\r\n\r\n");
  EXPECT_THAT(refused.body, testing::HasSubstr("127.0.0.1:" + std::to_string(server->port())));
}

TEST_F(HttpServer, Requests_MalformedOrWithoutHost_AreRefused) {
  for (const char* request : {"GET /healthz HTTP/1.1\r\n\r\n",
                              "GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n",
                              "GET healthz HTTP/1.1\r\nHost: x\r\n\r\n",
                              "GET /healthz#x HTTP/1.1\r\nHost: x\r\n\r\n",
                              "GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n",
                              "\x16\x03\x01\x02\x03\r\n\r\n"}) {
    EXPECT_EQ(People()->Ask(request).status, 400) << request;
  }
}

TEST_F(HttpServer, Requests_Pipelined_AreAnsweredInOrder) {
  const auto client = People();
  ASSERT_TRUE(client->Send(Request("GET", "/v1/Apps") + Request("GET", "/v1/Nothing") +
                           FormRequest("/v1/Devices/x", "UniqueName=y") +
                           Request("GET", "/v1/Keys")));
  EXPECT_EQ(client->Receive().status, 200);
  EXPECT_EQ(client->Receive().status, 404);
  EXPECT_EQ(client->Receive().status, 404);
  EXPECT_EQ(client->Receive().status, 200);
}

TEST_F(HttpServer, Connection_CloseAsked_IsSaidAndDone) {
  const auto client = People();
  const auto response = client->Ask(Request("GET", "/v1/Apps", "", "Connection: close\r\n"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("connection"), "close");
  EXPECT_TRUE(client->Closed());
}

TEST_F(HttpServer, Headers_TooLarge_Are431) {
  const auto client = People();
  const auto response =
      client->Ask(Request("GET", "/v1/Apps", "", "X: " + std::string(17'000, 'a') + "\r\n"));
  EXPECT_EQ(response.status, 431);
  EXPECT_TRUE(client->Closed());
}

TEST_F(HttpServer, Headers_Late_Are408) {
  config.limits.header = std::chrono::milliseconds(200);
  const auto client = People();
  ASSERT_TRUE(client->Send("GET /healthz HTTP/1.1\r\nHo"));
  const auto response = client->Receive();
  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(ParseJson(response.body).at("code"), 20408);
  EXPECT_TRUE(client->Closed());
}

TEST_F(HttpServer, Headers_TrickledByteByByte_DoNotMoveTheDeadline) {
  config.limits.header = std::chrono::milliseconds(300);
  const auto client = People();
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: x\r\nX: ";
  for (int i = 0; i < 20 && client->Send(i == 0 ? request : std::string("a")); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(client->Receive().status, 408);
}

TEST_F(HttpServer, Body_Late_Is408) {
  config.limits.body = std::chrono::milliseconds(200);
  const auto client = People();
  std::string request = FormRequest("/v1/Devices/x", "UniqueName=abcdef");
  request.resize(request.size() - 3);
  EXPECT_EQ(client->Ask(request).status, 408);
  EXPECT_TRUE(client->Closed());
}

TEST_F(HttpServer, Upload_Stalled_Is408AndLeavesNoFile) {
  config.limits.body = std::chrono::milliseconds(200);
  std::string request = UploadRequest(std::string(100'000, 'x'));
  request.resize(50'000);
  EXPECT_EQ(People()->Ask(request).status, 408);
  EXPECT_TRUE(Eventually([&] { return TempFiles() == 0; }));
}

TEST_F(HttpServer, Connection_Idle_IsClosedWithoutAnAnswer) {
  config.limits.idle = std::chrono::milliseconds(200);
  const auto client = People();
  EXPECT_EQ(client->Ask(Request("GET", "/v1/Apps")).status, 200);
  EXPECT_TRUE(client->Closed());
}

TEST_F(HttpServer, Handshake_NeverBegun_IsCutOff) {
  config.limits.handshake = std::chrono::milliseconds(200);
  Start();
  TestClient client(server->port());
  EXPECT_TRUE(client.Closed());
}

TEST_F(HttpServer, Form_LargerThan64KiB_Is413) {
  const auto client = People();
  EXPECT_EQ(client->Ask(FormRequest("/v1/Devices/x", "A=" + std::string(65'536, 'a'))).status, 413);
  const std::string chunked =
      Request("POST",
              "/v1/Devices/x",
              "",
              "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n") +
      "20000\r\n" + std::string(0x20000, 'a') + "\r\n0\r\n\r\n";
  EXPECT_EQ(People()->Ask(chunked).status, 413);
}

TEST_F(HttpServer, Form_OfAnotherType_Is415) {
  EXPECT_EQ(People()
                ->Ask(Request("POST", "/v1/Devices/x", "{}", "Content-Type: application/json\r\n"))
                .status,
            415);
}

TEST_F(HttpServer, Head_Request_HasNoBody) {
  const auto client = People();
  ASSERT_TRUE(client->Send(Request("HEAD", "/v1/Apps", "", "Connection: close\r\n")));
  const auto response = client->Receive();
  EXPECT_EQ(response.status, 405);
  EXPECT_TRUE(response.body.empty());
}

TEST_F(HttpServer, PlainHttp_OnLoopback_SpeaksWithoutTls) {
  config.plain_http = true;
  const auto client = People();
  EXPECT_EQ(server->url(), "http://127.0.0.1:" + std::to_string(server->port()));
  const auto list = ParseJson(client->Ask(Request("GET", "/v1/Apps")).body);
  EXPECT_EQ(JsonText(list.at("meta").as_object(), "url"),
            "http://cloud.test:1234/v1/Apps?PageSize=50&Page=0");
}

TEST_F(HttpServer, PlainHttp_ElsewhereThanLoopback_DoesNotStart) {
  config.plain_http = true;
  for (const char* address : {"0.0.0.0:0", "[::]:0"}) {
    config.listen = address;
    const auto refused = Server::Start(
        config, {.service = service.get(), .polls = &polls, .certificates = certificates.get()});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().status, 400);
  }
}

TEST_F(HttpServer, Start_AddressInUse_FailsWithWords) {
  Start();
  config.listen = "127.0.0.1:" + std::to_string(server->port());
  const auto refused = Server::Start(
      config, {.service = service.get(), .polls = &polls, .certificates = certificates.get()});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find(config.listen), std::string::npos);
}

TEST_F(HttpServer, ForwardedHost_FromAnyoneButTheProxy_IsIgnored) {
  const std::string request =
      Request("GET", "/v1/Apps", "", "X-Forwarded-Host: evil\r\nX-Forwarded-Proto: https\r\n");
  const auto meta = ParseJson(People()->Ask(request).body).at("meta").as_object();
  EXPECT_EQ(JsonText(meta, "url"), "https://cloud.test:1234/v1/Apps?PageSize=50&Page=0");
}

TEST_F(HttpServer, ForwardedHost_FromTheProxy_NamesTheServer) {
  config.trusted_proxy = "127.0.0.0/8";
  config.plain_http = true;
  const std::string request = Request("GET",
                                      "/v1/Apps",
                                      "",
                                      "X-Forwarded-Host: forged, strata.example\r\n"
                                      "X-Forwarded-Proto: https\r\n");
  const auto meta = ParseJson(People()->Ask(request).body).at("meta").as_object();
  EXPECT_EQ(JsonText(meta, "url"), "https://strata.example/v1/Apps?PageSize=50&Page=0");
}

TEST_F(HttpServer, ForwardedHost_InALineThatTheProxyAdded_IsTheOneThatCounts) {
  config.trusted_proxy = "127.0.0.0/8";
  config.plain_http = true;
  const std::string request = Request("GET",
                                      "/v1/Apps",
                                      "",
                                      "X-Forwarded-Host: forged.example\r\n"
                                      "X-Forwarded-Proto: http\r\n"
                                      "x-forwarded-host: strata.example\r\n"
                                      "x-forwarded-proto: https\r\n");
  const auto meta = ParseJson(People()->Ask(request).body).at("meta").as_object();
  EXPECT_EQ(JsonText(meta, "url"), "https://strata.example/v1/Apps?PageSize=50&Page=0");
}

TEST_F(HttpServer, Start_UploadsOfAnEarlierRun_AreRemoved) {
  std::ofstream(config.temp_dir + "/upload-old") << "x";
  std::ofstream(config.temp_dir + "/blob-of-another") << "x";
  Start();
  EXPECT_EQ(TempFiles(), 1U);
}

TEST_F(HttpServer, Stop_WithIdleConnections_IsQuick) {
  const auto client = People();
  EXPECT_EQ(client->Ask(Request("GET", "/v1/Apps")).status, 200);
  const auto before = std::chrono::steady_clock::now();
  server->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(3));
  EXPECT_TRUE(client->Closed());
}

TEST_F(HttpServer, Stop_WithAStalledUpload_CutsItOff) {
  config.limits.patience = std::chrono::seconds(1);
  const auto client = People();
  std::string request = UploadRequest(std::string(1'000'000, 'x'));
  request.resize(600'000);
  ASSERT_TRUE(client->Send(request));
  ASSERT_TRUE(Eventually([&] { return TempFiles() == 1; }));
  const auto before = std::chrono::steady_clock::now();
  server->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(6));
  EXPECT_EQ(TempFiles(), 0U);
}

TEST_F(HttpServer, AccessLog_Line_TellsTheRequestAndNoSecret) {
  const std::string path = world.dir + "/access.log";
  config.log.fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const auto response = People()->Ask(Request("GET", "/v1/Apps?PageToken=secret-token"));
  server->Stop();
  close(config.log.fd);
  std::ifstream file(path);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  const auto entry = ParseJson(line);
  EXPECT_EQ(JsonText(entry, "method"), "GET");
  EXPECT_EQ(JsonText(entry, "path"), "/v1/Apps");
  EXPECT_EQ(JsonText(entry, "request"), response.Header("twilio-request-id"));
  EXPECT_EQ(entry.at("status"), response.status);
  EXPECT_EQ(line.find("secret-token"), std::string::npos);
  EXPECT_EQ(line.find(world.token), std::string::npos);
}

}  // namespace
}  // namespace strata::cloud
