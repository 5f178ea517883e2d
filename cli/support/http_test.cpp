// SPDX-License-Identifier: Apache-2.0
#include "support/http.hpp"

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/cloud_url.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Takes one connection, reads one request and gives one prepared answer.
class OneShotServer {
 public:
  /// With `stays` it goes on listening after the answer, until the client goes.
  explicit OneShotServer(std::string answer, bool stays = false)
      : answer_(std::move(answer)), stays_(stays) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 1) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      ADD_FAILURE() << "no loopback port";
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }

  OneShotServer(const OneShotServer&) = delete;
  OneShotServer& operator=(const OneShotServer&) = delete;

  ~OneShotServer() {
    Join();
    ::close(listener_);
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  [[nodiscard]] bool Answered() const { return answered_; }

  /// What the client sent; waits for the end.
  const std::string& Request() {
    Join();
    return request_;
  }

 private:
  void Join() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  [[nodiscard]] bool Complete() const {
    if (request_.starts_with('\x16')) {
      return true;  // TLS, which is no request to a server without it
    }
    const std::size_t head = request_.find("\r\n\r\n");
    if (head == std::string::npos) {
      return false;
    }
    const std::size_t at = request_.find("Content-Length: ");
    const std::size_t length = at == std::string::npos ? 0 : std::stoul(request_.substr(at + 16));
    return request_.size() >= head + 4 + length;
  }

  void Serve() {
    const int client = ::accept(listener_, nullptr, nullptr);
    std::array<char, 4096> buffer{};
    while (!Complete()) {
      const ssize_t got = ::recv(client, buffer.data(), buffer.size(), 0);
      if (got <= 0) {
        break;
      }
      request_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    const ssize_t sent = ::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    EXPECT_EQ(sent, static_cast<ssize_t>(answer_.size()));
    answered_ = true;
    while (stays_ && ::recv(client, buffer.data(), buffer.size(), 0) > 0) {
    }
    ::close(client);
  }

  std::string answer_;
  bool stays_;
  std::atomic<bool> answered_ = false;
  std::string request_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::thread thread_;
};

std::string Ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::unique_ptr<HttpClient> Client(const std::string& url) {
  auto client = MakeCurlClient({url, "ACsid", "secret", ""});
  EXPECT_TRUE(client.ok());
  return std::move(client).value();
}

TEST(CurlClient, Get_SendsBasicCredentialsAtOnce) {
  OneShotServer server(Ok("{}"));
  const auto answer = Client(server.url())->Send({.path = "/v1/Apps?PageSize=1"});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer.value().status, 200);
  EXPECT_EQ(answer.value().body, "{}");
  EXPECT_THAT(server.Request(), HasSubstr("GET /v1/Apps?PageSize=1 HTTP/1.1\r\n"));
  EXPECT_THAT(server.Request(), HasSubstr("Authorization: Basic QUNzaWQ6c2VjcmV0\r\n"));
}

TEST(CurlClient, DotsInAPath_AreSentAsTheyAre) {
  OneShotServer server(Ok("{}"));
  ASSERT_TRUE(Client(server.url())->Send({.path = "/v1/Devices/../Secrets/./s2"}).ok());
  EXPECT_THAT(server.Request(), HasSubstr("GET /v1/Devices/../Secrets/./s2 HTTP/1.1\r\n"));
}

TEST(CurlClient, AnswersHeaders_AreHandedOn) {
  OneShotServer server(
      "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n"
      "retry-after: 7\r\nTwilio-Request-Id: RQ1\r\n\r\n");
  const auto answer = Client(server.url())->Send({.path = "/v1/Apps"});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer.value().retry_after, std::chrono::seconds(7));
  EXPECT_EQ(answer.value().request_id, "RQ1");
}

class StreamOverTime : public testing::Test {
 protected:
  /// With a clock that goes on by itself, `step` at each look, once the server has answered.
  std::unique_ptr<HttpClient> Watching(const OneShotServer& server, std::chrono::seconds step) {
    auto client = MakeWatchedCurlClient(
        {server.url(), "ACsid", "secret", ""},
        {.now = [this, &server, step] { return server.Answered() ? now_ += step : now_; },
         .longest_silence = std::chrono::seconds(60)});
    EXPECT_TRUE(client.ok());
    return std::move(client).value();
  }

  std::chrono::steady_clock::time_point now_;
};

TEST_F(StreamOverTime, AFewBytesNowAndThen_KeepItAlive) {
  std::string beats;
  for (int i = 0; i < 12; ++i) {
    beats += "3\r\n:\n\n\r\n";
  }
  OneShotServer server(
      "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + beats +
      "0\r\n\r\n");
  std::string got;
  const auto answer = Watching(server, std::chrono::seconds(0))
                          ->Stream({.path = "/v1/Events/Stream"}, [&](std::string_view piece) {
                            got += piece;
                            now_ += std::chrono::seconds(50);
                            return true;
                          });
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(got.size(), 36U);
  EXPECT_GE(now_.time_since_epoch(), std::chrono::seconds(600));
}

TEST_F(StreamOverTime, NoByteForAMinute_IsATimeout) {
  OneShotServer server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true);
  const auto answer =
      Watching(server, std::chrono::seconds(61))
          ->Stream({.path = "/v1/Events/Stream"}, [](std::string_view) { return true; });
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, 107);
  EXPECT_THAT(answer.error().message, HasSubstr("no byte came for 60 s"));
}

TEST(CurlClient, PostForm_IsPercentEncoded) {
  OneShotServer server(Ok("{}"));
  HttpRequest request{.method = "POST", .path = "/v1/Devices/UV1"};
  request.form = {{"TargetApp", "my app+&é"}, {"UniqueName", ""}};
  ASSERT_TRUE(Client(server.url())->Send(request).ok());
  EXPECT_THAT(server.Request(), HasSubstr("POST /v1/Devices/UV1 HTTP/1.1\r\n"));
  EXPECT_THAT(server.Request(), HasSubstr("application/x-www-form-urlencoded"));
  EXPECT_THAT(server.Request(), HasSubstr("\r\n\r\nTargetApp=my%20app%2B%26%C3%A9&UniqueName="));
}

TEST(CurlClient, Delete_HasNoBody) {
  OneShotServer server("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  const auto answer = Client(server.url())->Send({.method = "DELETE", .path = "/v1/Apps/KA1"});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer.value().status, 204);
  EXPECT_THAT(server.Request(), HasSubstr("DELETE /v1/Apps/KA1 HTTP/1.1\r\n"));
  EXPECT_THAT(server.Request(), Not(HasSubstr("Content-Length")));
}

TEST(CurlClient, Upload_IsMultipartWithFileNameAndKey) {
  std::string name = (std::filesystem::temp_directory_path() / "strata-cli-up-XXXXXX").string();
  const int fd = ::mkstemp(name.data());
  ASSERT_EQ(::write(fd, "zipbytes", 8), 8);
  ::close(fd);
  OneShotServer server(Ok("{}"));
  HttpRequest request{.method = "POST", .path = "/v1/Apps"};
  std::uint64_t seen = 0;
  request.upload = Upload{
      name, {{"UniqueName", "v1"}}, [&seen](std::uint64_t, std::uint64_t total) { seen = total; }};
  request.headers = {{"Idempotency-Key", "abc"}};
  ASSERT_TRUE(Client(server.url())->Send(request).ok());
  std::filesystem::remove(name);
  EXPECT_THAT(server.Request(), HasSubstr("Idempotency-Key: abc\r\n"));
  EXPECT_THAT(server.Request(), HasSubstr("Content-Type: multipart/form-data; boundary="));
  EXPECT_THAT(server.Request(), HasSubstr("name=\"File\"; filename=\"strata-cli-up-"));
  EXPECT_THAT(server.Request(), HasSubstr("\r\n\r\nzipbytes\r\n"));
  EXPECT_THAT(server.Request(), HasSubstr("name=\"UniqueName\"\r\n\r\nv1\r\n"));
  EXPECT_GT(seen, 8U);
}

TEST(CurlClient, Redirect_IsNotFollowed) {
  OneShotServer server(
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\n"
      "Content-Length: 0\r\n\r\n");
  const auto answer = Client(server.url())->Send({.path = "/v1/Apps"});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer.value().status, 302);
}

TEST(CurlClient, NobodyListens_IsCloudUnreachable) {
  const auto answer = Client("http://127.0.0.1:1")->Send({.path = "/v1/Apps"});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, 600);
  EXPECT_THAT(answer.error().message, Not(HasSubstr("secret")));
}

TEST(CurlClient, PlainHttpToAPortWithTls_NamesHttps) {
  // What a TLS server says to plain HTTP: an alert, or nothing.
  for (const std::string& said : {std::string("\x15\x03\x01\x00\x02\x02\x46", 7), std::string()}) {
    OneShotServer server(said);
    const auto answer = Client(server.url())->Send({.path = "/v1/Apps"});
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code, 600);
    EXPECT_THAT(answer.error().next_step, HasSubstr("https" + server.url().substr(4)));
  }
}

TEST(CurlClient, TlsToAPortWithout_SaysSo) {
  OneShotServer server("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  const std::string url = "https" + server.url().substr(4);
  const auto answer = MakeCurlClient({url, "AC1", "t", ""}).value()->Send({.path = "/v1/Apps"});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, 600);
  EXPECT_THAT(answer.error().next_step, HasSubstr("does not speak TLS"));
  EXPECT_THAT(answer.error().next_step, HasSubstr(server.url()));
}

TEST(StepForCertificate, IsAboutTheNameTheClockOrTheCa) {
  EXPECT_THAT(
      StepForCertificate("SSL: no alternative certificate subject name matches target host name "
                         "'10.0.0.1'",
                         "10.0.0.1"),
      HasSubstr("ca reissue --hostname 10.0.0.1"));
  for (const char* why : {"SSL certificate problem: certificate has expired",
                          "SSL certificate problem: certificate is not yet valid"}) {
    EXPECT_THAT(StepForCertificate(why, "x"), HasSubstr("clock")) << why;
  }
  EXPECT_THAT(StepForCertificate("SSL certificate problem: self-signed certificate in chain", "x"),
              HasSubstr("STRATA_CA_FILE"));
}

TEST(CheckCloudUrl, OnlyHttpsOrLoopback_IsAccepted) {
  EXPECT_EQ(CheckCloudUrl("https://cloud.example/").value(), "https://cloud.example");
  EXPECT_EQ(CheckCloudUrl("http://localhost:80").value(), "http://localhost:80");
  EXPECT_TRUE(CheckCloudUrl("http://[::1]:80").ok());
  for (const char* url : {"http://cloud.example",
                          "ftp://cloud.example",
                          "https://user@cloud.example",
                          "https://cloud.example/v1",
                          "https://cloud.example?x",
                          "http://127.0.0.1.evil.example",
                          "",
                          "not a url"}) {
    EXPECT_FALSE(CheckCloudUrl(url).ok()) << url;
  }
}

}  // namespace
}  // namespace strata::cli
