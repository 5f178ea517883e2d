// SPDX-License-Identifier: Apache-2.0
#include "openssl.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

namespace strata::bundle {
namespace {

PkeyPtr FromParams(OSSL_PARAM_BLD* builder, int selection) {
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* pkey = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &pkey, selection, params.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return PkeyPtr(pkey);
}

bool PushPublic(OSSL_PARAM_BLD* builder, const PublicKey& key) {
  // Only the uncompressed form: OpenSSL would take the hybrid ones (06, 07) too.
  return builder != nullptr && key[0] == 0x04 &&
         OSSL_PARAM_BLD_push_utf8_string(
             builder, OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1, 0) == 1 &&
         OSSL_PARAM_BLD_push_octet_string(
             builder, OSSL_PKEY_PARAM_PUB_KEY, key.data(), key.size()) == 1;
}

}  // namespace

PkeyPtr ToPkey(const PublicKey& key) {
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  if (!PushPublic(builder.get(), key)) {
    return nullptr;
  }
  return FromParams(builder.get(), EVP_PKEY_PUBLIC_KEY);
}

PkeyPtr ToPkey(const PublicKey& key, std::span<const std::uint8_t, kPrivateKeyBytes> scalar) {
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  const BignumPtr number(BN_secure_new());
  if (!PushPublic(builder.get(), key) || number == nullptr ||
      BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), number.get()) == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) != 1) {
    return nullptr;
  }
  return FromParams(builder.get(), EVP_PKEY_KEYPAIR);
}

std::optional<PublicKey> PointOf(std::span<const std::uint8_t, kPrivateKeyBytes> scalar) {
  const GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const BignumPtr number(BN_secure_new());
  if (group == nullptr || number == nullptr ||
      BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), number.get()) == nullptr) {
    return std::nullopt;
  }
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  const PointPtr point(EC_POINT_new(group.get()));
  if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0 ||
      point == nullptr ||
      EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) != 1) {
    return std::nullopt;
  }
  PublicKey out{};
  if (EC_POINT_point2oct(group.get(),
                         point.get(),
                         POINT_CONVERSION_UNCOMPRESSED,
                         out.data(),
                         out.size(),
                         nullptr) != out.size()) {
    return std::nullopt;
  }
  return out;
}

}  // namespace strata::bundle
