// SPDX-License-Identifier: Apache-2.0
/// TLS settings of a listener: 1.2 or later, HTTP/1.1 by ALPN, no renegotiation, no resumption.
#pragma once

#include <memory>
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

/// `client_ca_pem` not empty: clients are asked for a certificate. One that is missing or does not
/// verify does not end the handshake: ClientOf() tells, and the request is refused with words.
/// nullptr: certificate, key or CA can't be used.
TlsContext MakeTlsContext(const TlsFiles& files, const std::string& client_ca_pem);

/// After the handshake: what the client showed, and the fingerprint of its key when it
/// verified, be it expired or not.
ClientCertificate ClientOf(const SSL* connection, Digest& fingerprint);

/// Empties the client's certificate, after ClientOf(): with its key it is a quarter of the memory
/// that a waiting connection takes. What the handshake found (ClientOf()) is not asked for again.
void ForgetClient(SSL* connection);

}  // namespace strata::cloud::http
