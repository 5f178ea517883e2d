// SPDX-License-Identifier: Apache-2.0
/// Owners of OpenSSL objects and the two conversions that several files need.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "strata/core/keys.hpp"
#include "strata/core/secure.hpp"

#include "c_ptr.hpp"

namespace strata::bundle {

inline void FreeCleared(BIGNUM* number) {
  BN_clear_free(number);
}

using BioPtr = CPtr<BIO, BIO_free_all>;

/// For OpenSSL's readers of PEM, which ask at the terminal without it.
inline int RefusePassphrase(char*, int, int, void*) {
  return -1;
}

using BignumPtr = CPtr<BIGNUM, FreeCleared>;
using PkeyPtr = CPtr<EVP_PKEY, EVP_PKEY_free>;
using PkeyContextPtr = CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContextPtr = CPtr<EVP_MD_CTX, EVP_MD_CTX_free>;
using CipherContextPtr = CPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using GroupPtr = CPtr<EC_GROUP, EC_GROUP_free>;
using PointPtr = CPtr<EC_POINT, EC_POINT_free>;
using EcdsaSigPtr = CPtr<ECDSA_SIG, ECDSA_SIG_free>;
using ParamBuilderPtr = CPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using ParamsPtr = CPtr<OSSL_PARAM, OSSL_PARAM_free>;

/// nullptr when the point is not on the curve.
PkeyPtr ToPkey(const PublicKey& key);

PkeyPtr ToPkey(const PublicKey& key, std::span<const std::uint8_t, kPrivateKeyBytes> scalar);

/// The point of `scalar`, or nothing when scalar is 0 or ≥ the group's order.
std::optional<PublicKey> PointOf(std::span<const std::uint8_t, kPrivateKeyBytes> scalar);

/// Secret bytes of a length known at run time; wiped at the end.
class SecretBytes {
 public:
  SecretBytes() = default;

  explicit SecretBytes(std::size_t size) : bytes_(size) {}

  SecretBytes(SecretBytes&&) noexcept = default;
  SecretBytes& operator=(SecretBytes&&) = delete;

  ~SecretBytes() { SecureZero(bytes_); }

  void Append(ByteSpan more) {
    std::vector<std::uint8_t> grown(bytes_.size() + more.size());
    std::copy(bytes_.begin(), bytes_.end(), grown.begin());
    std::copy(more.begin(), more.end(), grown.begin() + static_cast<std::ptrdiff_t>(bytes_.size()));
    SecureZero(bytes_);
    bytes_.swap(grown);
  }

  [[nodiscard]] MutableByteSpan span() { return bytes_; }

  [[nodiscard]] ByteSpan span() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace strata::bundle
