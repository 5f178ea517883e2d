// SPDX-License-Identifier: Apache-2.0
/// OpenSSL objects of TlsServer: contexts from PEM in memory, keys of certificates.
#pragma once

#include <memory>
#include <optional>

#include <openssl/ssl.h>

#include "strata/core/digest.hpp"

#include "tls_server.hpp"

namespace strata::conformance {

/// nullptr: the credential can't be used.
std::shared_ptr<SSL_CTX> MakeContext(const TlsTerms& terms);

/// SHA-256 of the SubjectPublicKeyInfo of the peer's certificate; nullopt: there is none.
std::optional<Digest> PeerKeyDigest(SSL* tls);

}  // namespace strata::conformance
