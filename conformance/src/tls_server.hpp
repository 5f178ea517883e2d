// SPDX-License-Identifier: Apache-2.0
/// TlsServer: HTTP/1.1 requests over TLS on 127.0.0.1, answered byte for byte as the caller says,
/// also wrongly. Role: transport; knows nothing of the device API. Context: one thread per
/// connection; the handler is called from all of them. What a handler waits for ends when the
/// server ends.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "strata/cloud/pki/certificates.hpp"
#include "strata/core/digest.hpp"

#include "http_request.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace strata::conformance {

enum class Speech : std::uint8_t {
  kTls,        ///< 1.2 and later
  kOldTls,     ///< 1.1 at most
  kPlainHttp,  ///< answers a handshake with an HTTP error in clear
  kHangUp      ///< ends every connection before a word is said
};

/// How connections from now on are met.
struct TlsTerms {
  cloud::pki::Credential server;
  bool ask_for_certificate = true;
  Speech speech = Speech::kTls;
};

/// The server's end of one connection, for the answer to one request.
class Connection {
 public:
  Connection(ssl_st* tls, int fd, const std::atomic<bool>& ending, std::optional<Digest> client)
      : tls_(tls), fd_(fd), ending_(ending), client_(client) {}

  /// False when the peer hung up or the server ends; then the connection is of no more use.
  bool Write(std::string_view bytes);

  /// Writes a byte each `pause`; returns when all are out or the peer hung up.
  bool Drip(std::string_view bytes, std::chrono::milliseconds pause);

  /// Says nothing until the peer hangs up or `most` is over. True: it hung up.
  bool WaitGone(std::chrono::milliseconds most);

  /// No further request is read: the connection is cut without a farewell.
  void Cut() { open_ = false; }

  [[nodiscard]] bool open() const { return open_ && !ending_; }

  /// SHA-256 of the client certificate's public key (SubjectPublicKeyInfo); nullopt: it sent none.
  [[nodiscard]] const std::optional<Digest>& client() const { return client_; }

 private:
  ssl_st* tls_;
  int fd_;
  const std::atomic<bool>& ending_;
  std::optional<Digest> client_;
  bool open_ = true;
};

class TlsServer {
 public:
  /// `request` nullopt: what came was no request.
  using Handler =
      std::function<void(const std::optional<Request>& request, Connection& connection)>;

  /// Takes a free port and keeps it until the end, also while offline. `handler` outlives the
  /// server.
  /// * kIo. * kKeyUnreadable: a credential that can't be used.
  static Result<std::unique_ptr<TlsServer>> Start(const TlsTerms& terms, Handler handler);
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer();

  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// Ends every connection; new ones meet the new terms. * kKeyUnreadable: nothing changed.
  Status SetTerms(const TlsTerms& terms);

  /// Connections are refused, and those there are end. * kIo: it can't listen again.
  Status SetOnline(bool online);

  /// Connections accepted so far, and those whose handshake came to nothing.
  [[nodiscard]] int connections() const { return connections_; }

  [[nodiscard]] int failed_handshakes() const { return failed_handshakes_; }

  /// Ends all connections and waits for their threads. Called by the destructor.
  void Stop();

 private:
  using ContextPtr = std::shared_ptr<ssl_ctx_st>;

  explicit TlsServer(Handler handler) : handler_(std::move(handler)) {}

  Status Reserve();
  Status Listen();
  void Accept(int listener);
  void Serve(int fd, const ContextPtr& context, Speech speech);
  void Converse(ssl_st* tls, int fd);
  void CutAll();

  Handler handler_;
  int reserved_ = -1;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> ending_{false};
  std::atomic<int> connections_{0};
  std::atomic<int> failed_handshakes_{0};
  std::mutex mutex_;
  ContextPtr context_;
  Speech speech_ = Speech::kTls;
  std::set<int> fds_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace strata::conformance
