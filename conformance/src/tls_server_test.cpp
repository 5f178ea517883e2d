// SPDX-License-Identifier: Apache-2.0
#include "tls_server.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include "device_home.hpp"

namespace strata::conformance {
namespace {

int Dial(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

/// A client that trusts everybody.
class Client {
 public:
  explicit Client(std::uint16_t port, int most_version = 0) : fd_(Dial(port)) {
    context_ = SSL_CTX_new(TLS_client_method());
    if (most_version != 0) {
      SSL_CTX_set_security_level(context_, 0);
      SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context_, most_version);
    }
    tls_ = SSL_new(context_);
    SSL_set_fd(tls_, fd_);
    connected_ = fd_ >= 0 && SSL_connect(tls_) == 1;
    ERR_clear_error();
  }

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  ~Client() {
    SSL_free(tls_);
    SSL_CTX_free(context_);
    ::close(fd_);
  }

  [[nodiscard]] bool connected() const { return connected_; }

  [[nodiscard]] std::string version() const { return SSL_get_version(tls_); }

  void Send(std::string_view text) const {
    SSL_write(tls_, text.data(), static_cast<int>(text.size()));
  }

  /// What comes until `end` or the end of the connection.
  [[nodiscard]] std::string ReadUntil(std::string_view end) const {
    std::string text;
    char c = 0;
    while (!text.ends_with(end) && SSL_read(tls_, &c, 1) == 1) {
      text += c;
    }
    ERR_clear_error();
    return text;
  }

 private:
  int fd_;
  SSL_CTX* context_;
  SSL* tls_;
  bool connected_ = false;
};

class Server : public testing::Test {
 protected:
  std::unique_ptr<TlsServer> Start(TlsServer::Handler handler) {
    return std::move(TlsServer::Start({.server = trust_.server}, std::move(handler))).value();
  }

  static TlsServer::Handler Echo() {
    return [](const std::optional<Request>& request, Connection& connection) {
      connection.Write(request ? "<" + request->path + " " + request->body + ">" : "<bad>");
    };
  }

  Trust trust_ = std::move(Trust::Make()).value();
};

TEST_F(Server, RequestsOnOneConnection_AreAnsweredInOrder) {
  const auto server = Start(Echo());
  const Client client(server->port());
  client.Send("GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nxy");
  EXPECT_EQ(client.ReadUntil(">"), "</a >");
  client.Send("z");
  EXPECT_EQ(client.ReadUntil(">"), "</b xyz>");
}

TEST_F(Server, WhatIsNoRequest_IsToldAndEndsTheConnection) {
  const auto server = Start(Echo());
  for (const char* bad : {"GARBAGE\r\n\r\n",
                          "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                          "POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n"}) {
    const Client client(server->port());
    client.Send(bad);
    EXPECT_EQ(client.ReadUntil("END"), "<bad>");
  }
  const Client client(server->port());
  client.Send(std::string(20'000, 'x'));
  EXPECT_EQ(client.ReadUntil("END"), "<bad>");
}

TEST_F(Server, Cut_EndsTheConnection) {
  const auto server = Start([](const std::optional<Request>&, Connection& connection) {
    connection.Write("half");
    connection.Cut();
  });
  const Client client(server->port());
  client.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("END"), "half");
}

TEST_F(Server, OldTls_SpeaksItReally) {
  const auto server = Start(Echo());
  ASSERT_TRUE(server->SetTerms({.server = trust_.server, .speech = Speech::kOldTls}).ok());
  const Client old(server->port(), TLS1_1_VERSION);
  ASSERT_TRUE(old.connected());
  EXPECT_EQ(old.version(), "TLSv1.1");
  const Client current(server->port());
  EXPECT_FALSE(current.connected());
}

TEST_F(Server, PlainHttp_AnswersInClear) {
  const auto server = Start(Echo());
  ASSERT_TRUE(server->SetTerms({.server = trust_.server, .speech = Speech::kPlainHttp}).ok());
  const int fd = Dial(server->port());
  std::array<char, 8> start{};
  EXPECT_EQ(::recv(fd, start.data(), start.size(), MSG_WAITALL), 8);
  EXPECT_EQ(std::string(start.data(), start.size()), "HTTP/1.1");
  ::close(fd);
}

TEST_F(Server, Offline_RefusesAndComesBackOnTheSamePort) {
  const auto server = Start(Echo());
  const std::uint16_t port = server->port();
  ASSERT_TRUE(server->SetOnline(false).ok());
  EXPECT_EQ(Dial(port), -1);
  ASSERT_TRUE(server->SetOnline(true).ok());
  const Client client(port);
  client.Send("GET /back HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.ReadUntil(">"), "</back >");
}

TEST_F(Server, Stop_EndsHandlersThatWait) {
  std::atomic<bool> waiting{false};
  const auto server = Start([&waiting](const std::optional<Request>&, Connection& connection) {
    waiting = true;
    connection.WaitGone(std::chrono::hours(1));
  });
  const Client client(server->port());
  client.Send("GET / HTTP/1.1\r\n\r\n");
  while (!waiting) {
  }
  server->Stop();
}

TEST_F(Server, WaitGone_SeesThePeerLeave) {
  std::atomic<int> gone{0};
  const auto server = Start([&gone](const std::optional<Request>&, Connection& connection) {
    gone = connection.WaitGone(std::chrono::milliseconds(0)) ? 3 : 1;
    gone = connection.WaitGone(std::chrono::hours(1)) && gone == 1 ? 2 : 3;
  });
  {
    const Client client(server->port());
    client.Send("GET / HTTP/1.1\r\n\r\n");
    while (gone == 0) {
    }
  }
  while (gone == 1) {
  }
  EXPECT_EQ(gone, 2);
}

}  // namespace
}  // namespace strata::conformance
