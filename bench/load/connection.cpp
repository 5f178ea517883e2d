// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace strata::bench {

void Die(const std::string& words) {
  std::fprintf(stderr, "bench_load: %s\n", words.c_str());
  std::exit(1);
}

Url ParseUrl(const std::string& text) {
  Url url;
  url.tls = text.starts_with("https://");
  const std::size_t begin = text.find("://");
  const std::size_t colon = text.rfind(':');
  if (begin == std::string::npos || colon <= begin) {
    Die(text + " is not SCHEME://ADDRESS:PORT");
  }
  url.host = text.substr(begin + 3, colon - begin - 3);
  url.port = static_cast<std::uint16_t>(std::atoi(text.c_str() + colon + 1));
  return url;
}

Context MakeContext(const std::string& identity) {
  Context context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  if (!identity.empty() &&
      (SSL_CTX_use_certificate_chain_file(context.get(), identity.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(context.get(), identity.c_str(), SSL_FILETYPE_PEM) != 1)) {
    Die("can't use the identity " + identity);
  }
  return context;
}

std::string AuthorizationHeader() {
  const char* const sid = std::getenv("STRATA_ACCOUNT_SID");
  const char* const token = std::getenv("STRATA_AUTH_TOKEN");
  if (sid == nullptr || token == nullptr) {
    return {};
  }
  const std::string pair = std::string(sid) + ":" + token;
  std::string text(4 * ((pair.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(pair.data()),
                                   static_cast<int>(pair.size()));
  text.resize(static_cast<std::size_t>(size));
  return "Authorization: Basic " + text + "\r\n";
}

Connection::Connection(const Url& url, SSL_CTX* context)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(url.port);
  inet_pton(AF_INET, url.host.c_str(), &address.sin_addr);
  if (fd_ < 0 || connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    Die(url.host + ":" + std::to_string(url.port) + ": " + std::strerror(errno));
  }
  const int yes = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (!url.tls) {
    return;
  }
  tls_.reset(SSL_new(context));
  if (SSL_set_fd(tls_.get(), fd_) != 1 || SSL_connect(tls_.get()) != 1) {
    Die("the TLS handshake failed");
  }
}

Connection::~Connection() {
  close(fd_);
}

void Connection::MakeNonBlocking() const {
  fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
}

void Connection::Send(std::string_view request) const {
  const auto size = static_cast<int>(request.size());
  const auto sent = tls_
                        ? SSL_write(tls_.get(), request.data(), size)
                        : static_cast<int>(send(fd_, request.data(), request.size(), MSG_NOSIGNAL));
  if (sent != size) {
    Die("a request could not be sent");
  }
}

std::size_t Connection::Read(char* data, std::size_t size) const {
  if (tls_) {
    ERR_clear_error();
    const int got = SSL_read(tls_.get(), data, static_cast<int>(size));
    if (got > 0) {
      return static_cast<std::size_t>(got);
    }
    if (SSL_get_error(tls_.get(), got) == SSL_ERROR_WANT_READ) {
      return 0;
    }
    Die("the server closed a connection");
  }
  const ssize_t got = recv(fd_, data, size, 0);
  if (got > 0) {
    return static_cast<std::size_t>(got);
  }
  if (got < 0 && errno == EAGAIN) {
    return 0;
  }
  Die("the server closed a connection");
}

void Answer::TakeHead() {
  head_whole_ = true;
  status_ = head_.size() > 12 ? std::atoi(head_.c_str() + 9) : 0;
  const std::string length = Header("Content-Length");
  if (length.empty() && status_ != 304 && status_ != 204) {
    Die("an answer has no length: " + head_);
  }
  expected_bytes_ = length.empty() ? 0 : std::strtoull(length.c_str(), nullptr, 10);
}

std::string Answer::Header(std::string_view name) const {
  std::size_t at = head_.find("\r\n");
  while (at != std::string::npos) {
    at += 2;
    const std::size_t end = head_.find("\r\n", at);
    const bool same = head_.size() > at + name.size() && head_[at + name.size()] == ':' &&
                      strncasecmp(head_.data() + at, name.data(), name.size()) == 0;
    if (same) {
      const std::size_t value = head_.find_first_not_of(' ', at + name.size() + 1);
      return head_.substr(value, end - value);
    }
    at = end;
  }
  return {};
}

bool Answer::Put(std::string_view piece) {
  if (!head_whole_) {
    const std::size_t had = head_.size();
    head_ += piece;
    const std::size_t end = head_.find("\r\n\r\n", had < 3 ? 0 : had - 3);
    if (end == std::string::npos) {
      return false;
    }
    piece.remove_prefix(end + 4 - had);
    head_.resize(end + 2);
    TakeHead();
  }
  body_bytes_ += piece.size();
  if (keeps_body_) {
    body_ += piece;
  }
  return body_bytes_ >= expected_bytes_;
}

Answer Exchange(const Connection& connection, std::string_view request) {
  connection.Send(request);
  Answer answer(true);
  std::array<char, 16 * 1024> piece{};
  while (!answer.Put({piece.data(), connection.Read(piece.data(), piece.size())})) {
  }
  return answer;
}

}  // namespace strata::bench
