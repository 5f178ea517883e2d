// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/psa/psa_crypto.hpp"

#include "transient_key.hpp"

namespace strata::platform {
namespace {

constexpr psa_algorithm_t kSigning = PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256);

}  // namespace

Status PsaEntropy::Fill(MutableByteSpan out) {
  const psa_status_t status = psa_generate_random(out.data(), out.size());
  return status == PSA_SUCCESS ? Status()
                               : Status(PsaError(Code::kEntropyFailed, Op::kNone, status));
}

PsaIdentity::~PsaIdentity() {
  Forget();
}

Status PsaIdentity::Load(std::span<const std::uint8_t, kPrivateKeyBytes> scalar) {
  static_assert(sizeof(psa_key_id_t) <= sizeof(key_));
  Forget();
  TransientKey key;
  STRATA_TRY(ImportPrivate(key, kSigning, PSA_KEY_USAGE_SIGN_HASH, scalar));
  key_ = key.Release();
  return {};
}

Result<Signature> PsaIdentity::Sign(std::span<const ByteSpan> parts) {
  Digest digest;
  psa_status_t status = HashParts(parts, digest);
  if (status != PSA_SUCCESS) {
    return PsaError(Code::kCryptoFailed, Op::kSign, status);
  }
  Signature signature{};
  std::size_t length = 0;
  status = psa_sign_hash(key_,
                         kSigning,
                         digest.bytes.data(),
                         digest.bytes.size(),
                         signature.data(),
                         signature.size(),
                         &length);
  if (status != PSA_SUCCESS || length != signature.size()) {
    return PsaError(Code::kCryptoFailed, Op::kSign, status);
  }
  return signature;
}

void PsaIdentity::Forget() {
  psa_destroy_key(key_);
  key_ = 0;
}

}  // namespace strata::platform
