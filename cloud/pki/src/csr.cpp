// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>

#include "strata/cloud/pki/certificates.hpp"

#include "openssl.hpp"

namespace strata::cloud::pki {
namespace {

bool IsNamedP256(const EVP_PKEY* key) {
  char group[32] = {};
  std::size_t length = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_utf8_string_param(
             key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), &length) == 1 &&
         std::strcmp(group, "prime256v1") == 0;
}

Result<PublicKey> PointOf(const EVP_PKEY* key) {
  BIGNUM* x = nullptr;
  BIGNUM* y = nullptr;
  const bool read = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
                    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1;
  const BignumPtr own_x(x);
  const BignumPtr own_y(y);
  PublicKey point{};
  point[0] = 0x04;
  if (!read || BN_bn2binpad(x, point.data() + 1, 32) != 32 ||
      BN_bn2binpad(y, point.data() + 33, 32) != 32) {
    return Fail(Code::kKeyWrongType, Op::kParse);
  }
  return point;
}

/// `request` may be nullptr.
Result<PublicKey> KeyOf(X509_REQ* request) {
  ERR_clear_error();
  if (request == nullptr) {
    return Fail(Code::kMalformed, Op::kParse);
  }
  EVP_PKEY* const key = X509_REQ_get0_pubkey(request);
  if (key == nullptr || !IsNamedP256(key)) {
    ERR_clear_error();
    return Fail(Code::kKeyWrongType, Op::kParse);
  }
  const bool proven = X509_REQ_verify(request, key) == 1;
  ERR_clear_error();
  if (!proven) {
    return Fail(Code::kSignatureInvalid, Op::kVerify);
  }
  return PointOf(key);
}

}  // namespace

Result<PublicKey> ParseCsr(std::string_view pem) {
  if (pem.size() > kMaxCsrBytes) {
    return Fail(Code::kTooLarge, Op::kParse);
  }
  return KeyOf(ReadRequest(pem).get());
}

Result<PublicKey> ParseCsrDer(ByteSpan der) {
  if (der.size() > kMaxCsrBytes) {
    return Fail(Code::kTooLarge, Op::kParse);
  }
  const unsigned char* next = der.data();
  const RequestPtr request(d2i_X509_REQ(nullptr, &next, static_cast<long>(der.size())));
  const bool whole = request != nullptr && next == der.data() + der.size();
  return KeyOf(whole ? request.get() : nullptr);
}

}  // namespace strata::cloud::pki
