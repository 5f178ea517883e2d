// SPDX-License-Identifier: Apache-2.0
/// Stream: one accepted connection, plain or TLS behind the same functions.
/// Role: bytes and deadlines. TLS is OpenSSL straight on the descriptor: 21 kB per idle connection,
/// where asio::ssl::stream takes 75. Context: only on the loop of its socket; one operation at a
/// time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <openssl/ssl.h>

#include "async.hpp"
#include "message.hpp"

namespace strata::cloud::http {

class Stream {
 public:
  /// `tls` nullptr: plain.
  Stream(Socket socket, SSL_CTX* tls);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Operations from now on fail once `time` has passed.
  void SetDeadline(std::chrono::milliseconds time);

  [[nodiscard]] bool timed_out() const { return expired_; }

  /// Lets the operation in progress, and every later one, fail at once.
  void Interrupt();

  Task<bool> Handshake();

  /// At least one byte; 0: the other side has closed, or the connection failed, or the deadline
  /// passed.
  Task<std::size_t> Read(char* data, std::size_t size);

  /// All of `data`.
  Task<bool> Write(std::string_view data);

  /// What of `data` can be sent at once; 0: none of it until WaitWritable() returns, and then the
  /// same bytes (and maybe more) must come again, from anywhere. nullopt: as Write()'s false.
  std::optional<std::size_t> TryWrite(std::string_view data);

  /// After TryWrite()'s 0. false as Write()'s.
  Task<bool> WaitWritable() { return Wait(write_waits_for_); }

  /// From true on until false the kernel sends whole segments only: fewer and larger for a long
  /// body that is written in pieces. What is left goes out with false.
  void Gather(bool on);

  /// Returns when there may be something to read, without taking memory for it. false as Read()'s
  /// 0.
  Task<bool> WaitReadable();

  /// Until `timer` ends or is cancelled by somebody else; cancels it when the client goes away.
  /// false: the client is gone.
  Task<bool> WaitFor(std::shared_ptr<Timer> timer);

  /// Says goodbye in TLS, stops sending, and takes what the client still sends for at most `drain`,
  /// so that it can read the answer before the connection is reset. Takes at most kDrainBytes;
  /// nothing when `drain` is 0.
  Task<> Close(std::chrono::milliseconds drain);

  [[nodiscard]] ClientCertificate client() const { return client_; }

  [[nodiscard]] const Digest& client_key() const { return client_key_; }

 private:
  struct FreeTls {
    void operator()(SSL* connection) const { SSL_free(connection); }
  };

  enum class Step : std::uint8_t { kDone, kRetry, kFailed };
  enum class Peer : std::uint8_t { kQuiet, kTalks, kGone };

  /// Turns OpenSSL's answer into waiting; kRetry: call it again.
  Task<Step> AfterTls(int result);
  Task<bool> Wait(Socket::wait_type type);
  void ArmDeadline();
  void WatchForClose(std::shared_ptr<Timer> timer);
  [[nodiscard]] Peer LookAtPeer();

  static constexpr std::uint64_t kDrainBytes = 128ULL * 1024 * 1024;

  Socket socket_;
  Timer deadline_;
  std::unique_ptr<SSL, FreeTls> tls_;
  Socket::wait_type write_waits_for_ = Socket::wait_write;  ///< TLS may have to read first
  bool deadline_armed_ = false;
  bool expired_ = false;
  bool interrupted_ = false;
  bool broken_ = false;  ///< TLS failed: nothing more may be sent
  bool gone_ = false;
  ClientCertificate client_ = ClientCertificate::kNone;
  Digest client_key_;
  /// Handlers that may run after this object is gone hold it weakly.
  std::shared_ptr<Stream*> self_;
};

}  // namespace strata::cloud::http
