// SPDX-License-Identifier: Apache-2.0
/// Owning pointers for OpenSSL's objects and the few conversions that this module's files share.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "strata/core/keys.hpp"

namespace strata::cloud::pki {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, Freer<X509_REQ_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, Freer<BN_free>>;

/// A read-only BIO over `text`, which must outlive it.
BioPtr ReadFrom(std::string_view text);

/// Everything written to a memory BIO.
std::string TakeText(BIO* bio);

// None of these asks for a passphrase: OpenSSL would wait for one at the terminal, with a
// stranger's PEM and for good.

/// nullptr when `pem` holds no certificate.
CertificatePtr ReadCertificate(std::string_view pem);

/// nullptr when `pem` holds no unencrypted private key.
KeyPtr ReadPrivateKey(std::string_view pem);

/// nullptr when `pem` holds no certificate request.
RequestPtr ReadRequest(std::string_view pem);

/// nullptr when `key` is not on P-256.
KeyPtr KeyFrom(const PublicKey& key);

}  // namespace strata::cloud::pki
