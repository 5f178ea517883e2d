// SPDX-License-Identifier: Apache-2.0
#include "client_test.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace strata::cloud {
namespace {

int Connect(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  // The end of the handshake and the request are two writes: else 40 ms lie between them.
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

void UseIdentity(SSL_CTX* context, const TestIdentity& identity) {
  BIO* const certificate_text = BIO_new_mem_buf(identity.certificate_pem.data(),
                                                static_cast<int>(identity.certificate_pem.size()));
  BIO* const key_text =
      BIO_new_mem_buf(identity.key_pem.data(), static_cast<int>(identity.key_pem.size()));
  X509* const certificate = PEM_read_bio_X509(certificate_text, nullptr, nullptr, nullptr);
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context, certificate);
  SSL_CTX_use_PrivateKey(context, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  BIO_free(certificate_text);
  BIO_free(key_text);
}

void TrustOnly(SSL_CTX* context, const std::string& ca_pem) {
  BIO* const text = BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size()));
  X509* const ca = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca);
  X509_free(ca);
  BIO_free(text);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

void ParseHead(const std::string& head, TestResponse& response) {
  response.status = std::atoi(head.c_str() + std::min<std::size_t>(head.size(), 9));
  std::size_t at = head.find("\r\n");
  while (at != std::string::npos) {
    const std::size_t begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string line = head.substr(begin, at - begin);
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) {
      response.headers[Lower(line.substr(0, colon))] = line.substr(colon + 2);
    }
  }
}

}  // namespace

TestClient::TestClient(std::uint16_t port) : fd_(Connect(port)), connected_(fd_ >= 0) {}

TestClient::TestClient(std::uint16_t port,
                       const std::string& ca_pem,
                       const std::optional<TestIdentity>& identity)
    : fd_(Connect(port)), context_(SSL_CTX_new(TLS_client_method())) {
  TrustOnly(context_, ca_pem);
  if (identity) {
    UseIdentity(context_, *identity);
  }
  tls_ = SSL_new(context_);
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_), "127.0.0.1");
  SSL_set_fd(tls_, fd_);
  connected_ = fd_ >= 0 && SSL_connect(tls_) == 1;
}

TestClient::~TestClient() {
  Disconnect();
  SSL_free(tls_);
  SSL_CTX_free(context_);
}

void TestClient::Disconnect() {
  if (fd_ >= 0) {
    close(fd_);
    fd_ = -1;
  }
}

bool TestClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = tls_ != nullptr
                             ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                             : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      ERR_clear_error();
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::size_t TestClient::ReadSome() {
  std::array<char, 16384> piece{};
  const ssize_t got = tls_ != nullptr ? SSL_read(tls_, piece.data(), piece.size())
                                      : recv(fd_, piece.data(), piece.size(), 0);
  ERR_clear_error();
  if (got <= 0) {
    return 0;
  }
  received_.append(piece.data(), static_cast<std::size_t>(got));
  return static_cast<std::size_t>(got);
}

TestResponse TestClient::Receive() {
  std::size_t end = received_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (ReadSome() == 0) {
      return {};
    }
    end = received_.find("\r\n\r\n");
  }
  TestResponse response;
  ParseHead(received_.substr(0, end), response);
  received_.erase(0, end + 4);
  const auto length = response.headers.find("content-length");
  const std::size_t size =
      length == response.headers.end() ? 0 : std::strtoul(length->second.c_str(), nullptr, 10);
  while (received_.size() < size && ReadSome() > 0) {
  }
  response.body = received_.substr(0, size);
  received_.erase(0, response.body.size());
  return response;
}

TestResponse TestClient::Ask(std::string_view request) {
  TestResponse answer = Send(request) ? Receive() : TestResponse{};
  if (answer.Header("content-type") == "text/event-stream") {
    answer.body = ReadUntil({});
  }
  if (observer && answer.status != 0) {
    observer(request, answer);
  }
  return answer;
}

std::string TestClient::ReadUntil(std::string_view text) {
  std::size_t found = std::string::npos;
  do {
    found = text.empty() ? std::string::npos : received_.find(text);
  } while (found == std::string::npos && ReadSome() > 0);
  const std::size_t size = found == std::string::npos ? received_.size() : found + text.size();
  std::string taken = received_.substr(0, size);
  received_.erase(0, size);
  return taken;
}

bool TestClient::Closed() {
  return received_.empty() && ReadSome() == 0;
}

}  // namespace strata::cloud
