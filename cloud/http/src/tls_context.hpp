// SPDX-License-Identifier: Apache-2.0
/// TLS settings of a listener: 1.2 or later, HTTP/1.1 by ALPN, no renegotiation, no resumption.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <openssl/ssl.h>

#include "strata/cloud/http/server.hpp"

#include "message.hpp"

namespace strata::cloud::http {

struct FreeTlsContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

using TlsContext = std::unique_ptr<SSL_CTX, FreeTlsContext>;

/// What the server shows in handshakes. It may be replaced while the server runs: handshakes that
/// begin later show the new one, connections that stand keep theirs. Thread-safe.
class ServerCertificate {
 public:
  ServerCertificate();
  ~ServerCertificate();
  ServerCertificate(const ServerCertificate&) = delete;
  ServerCertificate& operator=(const ServerCertificate&) = delete;

  /// false: certificate or key can't be used, and what was there stays.
  [[nodiscard]] bool Set(const TlsFiles& files);
  /// Puts it into a connection whose handshake begins. false: there is none.
  [[nodiscard]] bool ShowIn(SSL* connection) const;

 private:
  struct Parsed;

  mutable std::mutex mutex_;
  std::shared_ptr<const Parsed> parsed_;
};

/// `certificate` outlives the context. `client_ca_pem` not empty: clients are asked for a
/// certificate. One that is missing or does not verify does not end the handshake: ClientOf()
/// tells, and the request is refused with words. nullptr: the CA can't be used.
TlsContext MakeTlsContext(const ServerCertificate& certificate, const std::string& client_ca_pem);

/// After the handshake: what the client showed, and the fingerprint of its key when it
/// verified, be it expired, not yet valid, or neither.
ClientCertificate ClientOf(const SSL* connection, Digest& fingerprint);

/// Empties the client's certificate, after ClientOf(): with its key it is a quarter of the memory
/// that a waiting connection takes. What the handshake found (ClientOf()) is not asked for again.
void ForgetClient(SSL* connection);

}  // namespace strata::cloud::http
