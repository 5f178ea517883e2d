// SPDX-License-Identifier: Apache-2.0
#include "transient_key.hpp"

namespace strata::platform {

TransientKey::~TransientKey() {
  psa_destroy_key(id_);
}

psa_status_t TransientKey::Import(const KeyUse& use, ByteSpan material) {
  psa_key_attributes_t attributes = psa_key_attributes_init();
  psa_set_key_type(&attributes, use.type);
  psa_set_key_algorithm(&attributes, use.algorithm);
  psa_set_key_usage_flags(&attributes, use.usage);
  psa_destroy_key(Release());
  return psa_import_key(&attributes, material.data(), material.size(), &id_);
}

psa_key_id_t TransientKey::Release() {
  const psa_key_id_t id = id_;
  id_ = 0;
  return id;
}

Error PsaError(Code code, Op op, psa_status_t status) {
  return Fail(code, op, static_cast<std::uint32_t>(-status));
}

Error ImportError(Op op, psa_status_t status) {
  const Code code = status == PSA_ERROR_INVALID_ARGUMENT ? Code::kKeyInvalid : Code::kCryptoFailed;
  return PsaError(code, op, status);
}

Status ImportPrivate(TransientKey& key,
                     psa_algorithm_t algorithm,
                     psa_key_usage_t usage,
                     std::span<const std::uint8_t, kPrivateKeyBytes> scalar) {
  const KeyUse use = {PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), algorithm, usage};
  const psa_status_t status = key.Import(use, scalar);
  return status == PSA_SUCCESS ? Status() : Status(ImportError(Op::kNone, status));
}

psa_status_t HashParts(std::span<const ByteSpan> parts, Digest& out) {
  psa_hash_operation_t operation = psa_hash_operation_init();
  psa_status_t status = psa_hash_setup(&operation, PSA_ALG_SHA_256);
  for (const ByteSpan part : parts) {
    if (status == PSA_SUCCESS) {
      status = psa_hash_update(&operation, part.data(), part.size());
    }
  }
  std::size_t length = 0;
  if (status == PSA_SUCCESS) {
    status = psa_hash_finish(&operation, out.bytes.data(), out.bytes.size(), &length);
  }
  if (status != PSA_SUCCESS) {
    psa_hash_abort(&operation);
  }
  return status;
}

}  // namespace strata::platform
