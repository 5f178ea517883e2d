// SPDX-License-Identifier: Apache-2.0
#include "support/http.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace strata::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Takes one connection, reads one request and gives one prepared answer.
class OneShotServer {
 public:
  explicit OneShotServer(std::string answer) : answer_(std::move(answer)) {
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
    ::close(client);
  }

  std::string answer_;
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
