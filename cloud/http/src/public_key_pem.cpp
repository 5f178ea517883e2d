// SPDX-License-Identifier: Apache-2.0
#include "public_key_pem.hpp"

#include <array>
#include <climits>
#include <cstring>
#include <memory>
#include <vector>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "pem_pointers.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::array<std::uint8_t, 26> kSpkiPrefix = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

constexpr int kLineChars = 64;

struct FreeBignum {
  void operator()(BIGNUM* number) const { BN_free(number); }
};

std::optional<PublicKey> PointOf(const EVP_PKEY* key) {
  char group[32] = {};
  std::size_t length = 0;
  if (EVP_PKEY_is_a(key, "EC") != 1 ||
      EVP_PKEY_get_utf8_string_param(
          key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), &length) != 1 ||
      std::strcmp(group, "prime256v1") != 0) {
    return std::nullopt;
  }
  BIGNUM* x = nullptr;
  BIGNUM* y = nullptr;
  const bool read = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
                    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1;
  const std::unique_ptr<BIGNUM, FreeBignum> own_x(x);
  const std::unique_ptr<BIGNUM, FreeBignum> own_y(y);
  PublicKey point{};
  point[0] = 0x04;
  const bool filled = read && BN_bn2binpad(x, point.data() + 1, 32) == 32 &&
                      BN_bn2binpad(y, point.data() + 33, 32) == 32;
  return filled ? std::optional(point) : std::nullopt;
}

}  // namespace

std::string PublicKeyPem(const PublicKey& key) {
  std::array<std::uint8_t, kSpkiPrefix.size() + std::tuple_size_v<PublicKey>> der{};
  std::memcpy(der.data(), kSpkiPrefix.data(), kSpkiPrefix.size());
  std::memcpy(der.data() + kSpkiPrefix.size(), key.data(), key.size());
  std::array<unsigned char, 4 * ((der.size() + 2) / 3) + 1> text{};
  const int length = EVP_EncodeBlock(text.data(), der.data(), static_cast<int>(der.size()));
  std::string pem = "-----BEGIN PUBLIC KEY-----\n";
  for (int at = 0; at < length; at += kLineChars) {
    const int chars = length - at < kLineChars ? length - at : kLineChars;
    pem.append(reinterpret_cast<const char*>(text.data()) + at, static_cast<std::size_t>(chars));
    pem += '\n';
  }
  return pem + "-----END PUBLIC KEY-----\n";
}

std::optional<PublicKey> ParsePublicKeyPem(std::string_view pem) {
  if (pem.size() > INT_MAX) {
    return std::nullopt;
  }
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const KeyPtr key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, RefusePassphrase, nullptr)
                       : nullptr);
  std::optional<PublicKey> point = key ? PointOf(key.get()) : std::nullopt;
  ERR_clear_error();
  return point;
}

}  // namespace strata::cloud::http
