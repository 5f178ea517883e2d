// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>

namespace strata::cloud::http {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

using BioPtr = std::unique_ptr<BIO, FreeBio>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

/// For OpenSSL's readers of PEM: a key behind a passphrase is refused. Without it OpenSSL asks for
/// one at the terminal and waits for good.
inline int RefusePassphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace strata::cloud::http
