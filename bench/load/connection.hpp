// SPDX-License-Identifier: Apache-2.0
/// A connection to a server under load: HTTP/1.1 with keep-alive, plain or TLS, with or without a
/// client certificate. Role: bytes and the framing of answers; measures nothing. The server's
/// certificate is not checked: the load comes from the same machine. Problems end the program with
/// a line on stderr: a load that is not whole measures nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace strata::bench {

struct Url {
  bool tls = false;
  std::string host;  ///< a numeric IPv4 address
  std::uint16_t port = 0;
};

/// "https://127.0.0.1:8443"
Url ParseUrl(const std::string& text);

[[noreturn]] void Die(const std::string& words);

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

using Context = std::unique_ptr<SSL_CTX, FreeContext>;

/// `identity`: a file with a client's certificate and key (PEM), or empty.
Context MakeContext(const std::string& identity);

/// "Authorization: Basic …\r\n" from STRATA_ACCOUNT_SID and STRATA_AUTH_TOKEN; empty without them.
std::string AuthorizationHeader();

class Connection {
 public:
  /// Connects and shakes hands; blocks. `context` is for TLS only.
  Connection(const Url& url, SSL_CTX* context);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

  void MakeNonBlocking() const;

  /// Requests are small, so that they fit in the socket's memory.
  void Send(std::string_view request) const;

  /// Bytes; 0: none now (non-blocking).
  [[nodiscard]] std::size_t Read(char* data, std::size_t size) const;

 private:
  struct FreeTls {
    void operator()(SSL* tls) const { SSL_free(tls); }
  };

  int fd_ = -1;
  std::unique_ptr<SSL, FreeTls> tls_;
};

/// An answer as it arrives. Counts the body, keeps it only when asked to.
class Answer {
 public:
  explicit Answer(bool keeps_body = false) : keeps_body_(keeps_body) {}

  /// True once the answer is whole. An answer's last bytes come alone: nothing is pipelined.
  bool Put(std::string_view piece);

  [[nodiscard]] int status() const { return status_; }

  [[nodiscard]] std::uint64_t body_bytes() const { return body_bytes_; }

  [[nodiscard]] const std::string& body() const { return body_; }

  /// Value of a header; empty when it is missing.
  [[nodiscard]] std::string Header(std::string_view name) const;

 private:
  void TakeHead();

  bool keeps_body_;
  std::string head_;
  std::string body_;
  bool head_whole_ = false;
  int status_ = 0;
  std::uint64_t expected_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;
};

/// Sends and waits for the whole answer, with its body. The connection blocks.
Answer Exchange(const Connection& connection, std::string_view request);

}  // namespace strata::bench
