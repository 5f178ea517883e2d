// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/psa/psa_crypto.hpp"

#include <array>
#include <new>

#include <psa/crypto.h>

#include "strata/core/secure.hpp"

#include "transient_key.hpp"

namespace strata::platform {
namespace {

constexpr std::size_t kHashBlockBytes = 64;
constexpr psa_algorithm_t kHmac = PSA_ALG_HMAC(PSA_ALG_SHA_256);
constexpr psa_algorithm_t kEcdsa = PSA_ALG_ECDSA(PSA_ALG_SHA_256);

static_assert(sizeof(psa_hash_operation_t) <= sizeof(ports::HashState::storage));
static_assert(alignof(psa_hash_operation_t) <= alignof(ports::HashState));

// A state that was never started is all zeros, which is the library's inactive operation.
psa_hash_operation_t* Operation(ports::HashState& state) {
  return std::launder(reinterpret_cast<psa_hash_operation_t*>(state.storage.data()));
}

Status Check(psa_status_t status, Op op = Op::kNone) {
  return status == PSA_SUCCESS ? Status() : Status(PsaError(Code::kCryptoFailed, op, status));
}

bool IsUncompressed(const PublicKey& key) {
  return key[0] == 0x04;
}

psa_status_t MacParts(psa_key_id_t key, std::span<const ByteSpan> parts, Digest& out) {
  psa_mac_operation_t operation = psa_mac_operation_init();
  psa_status_t status = psa_mac_sign_setup(&operation, key, kHmac);
  for (const ByteSpan part : parts) {
    if (status == PSA_SUCCESS) {
      status = psa_mac_update(&operation, part.data(), part.size());
    }
  }
  std::size_t length = 0;
  if (status == PSA_SUCCESS) {
    status = psa_mac_sign_finish(&operation, out.bytes.data(), out.bytes.size(), &length);
  }
  if (status != PSA_SUCCESS) {
    psa_mac_abort(&operation);
  }
  return status;
}

}  // namespace

Status PsaCrypto::Init() {
  const psa_status_t status = psa_crypto_init();
  if (status == PSA_ERROR_INSUFFICIENT_ENTROPY) {
    return PsaError(Code::kEntropyFailed, Op::kNone, status);
  }
  return Check(status);
}

Status PsaCrypto::HashStart(ports::HashState& state) {
  psa_hash_abort(Operation(state));
  auto* operation = new (state.storage.data()) psa_hash_operation_t(psa_hash_operation_init());
  return Check(psa_hash_setup(operation, PSA_ALG_SHA_256));
}

Status PsaCrypto::HashUpdate(ports::HashState& state, ByteSpan data) {
  return Check(psa_hash_update(Operation(state), data.data(), data.size()));
}

Status PsaCrypto::HashFinish(ports::HashState& state, Digest& out) {
  std::size_t length = 0;
  return Check(psa_hash_finish(Operation(state), out.bytes.data(), out.bytes.size(), &length));
}

Status PsaCrypto::Hmac(ByteSpan key, std::span<const ByteSpan> parts, Digest& out) {
  // The library takes no empty key and bounds long ones. RFC 2104 pads a key with zeros and hashes
  // one longer than a block, so these stand for the same key.
  constexpr std::array<std::uint8_t, 1> kEmptyKey = {0};
  Digest hashed;
  if (key.empty()) {
    key = kEmptyKey;
  } else if (key.size() > kHashBlockBytes) {
    STRATA_TRY(Check(HashParts({&key, 1}, hashed)));
    key = hashed.bytes;
  }
  TransientKey mac_key;
  const psa_status_t status =
      mac_key.Import({PSA_KEY_TYPE_HMAC, kHmac, PSA_KEY_USAGE_SIGN_MESSAGE}, key);
  SecureZero(hashed.bytes);
  STRATA_TRY(Check(status));
  return Check(MacParts(mac_key.id(), parts, out));
}

Status PsaCrypto::Seal(const ports::AeadKey& key,
                       const ports::AeadNonce& nonce,
                       ByteSpan aad,
                       ByteSpan plaintext,
                       MutableByteSpan out) {
  if (out.size() != plaintext.size() + ports::kAeadTagBytes) {
    return PsaError(Code::kCryptoFailed, Op::kEncrypt, PSA_ERROR_INVALID_ARGUMENT);
  }
  TransientKey aead_key;
  STRATA_TRY(Check(aead_key.Import({PSA_KEY_TYPE_AES, PSA_ALG_GCM, PSA_KEY_USAGE_ENCRYPT}, key),
                   Op::kEncrypt));
  std::size_t length = 0;
  return Check(psa_aead_encrypt(aead_key.id(),
                                PSA_ALG_GCM,
                                nonce.data(),
                                nonce.size(),
                                aad.data(),
                                aad.size(),
                                plaintext.data(),
                                plaintext.size(),
                                out.data(),
                                out.size(),
                                &length),
               Op::kEncrypt);
}

Status PsaCrypto::Open(const ports::AeadKey& key,
                       const ports::AeadNonce& nonce,
                       ByteSpan aad,
                       ByteSpan sealed,
                       MutableByteSpan out) {
  if (sealed.size() < ports::kAeadTagBytes) {
    return Fail(Code::kStagingCorrupt, Op::kDecrypt);
  }
  if (out.size() != sealed.size() - ports::kAeadTagBytes) {
    return PsaError(Code::kCryptoFailed, Op::kDecrypt, PSA_ERROR_INVALID_ARGUMENT);
  }
  TransientKey aead_key;
  STRATA_TRY(Check(aead_key.Import({PSA_KEY_TYPE_AES, PSA_ALG_GCM, PSA_KEY_USAGE_DECRYPT}, key),
                   Op::kDecrypt));
  std::size_t length = 0;
  const psa_status_t status = psa_aead_decrypt(aead_key.id(),
                                               PSA_ALG_GCM,
                                               nonce.data(),
                                               nonce.size(),
                                               aad.data(),
                                               aad.size(),
                                               sealed.data(),
                                               sealed.size(),
                                               out.data(),
                                               out.size(),
                                               &length);
  if (status == PSA_ERROR_INVALID_SIGNATURE) {
    return Fail(Code::kStagingCorrupt, Op::kDecrypt);
  }
  return Check(status, Op::kDecrypt);
}

Status PsaCrypto::Verify(const PublicKey& key,
                         std::span<const ByteSpan> parts,
                         const Signature& signature) {
  if (!IsUncompressed(key)) {
    return Fail(Code::kKeyInvalid, Op::kVerify);
  }
  TransientKey public_key;
  const KeyUse use = {
      PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1), kEcdsa, PSA_KEY_USAGE_VERIFY_HASH};
  psa_status_t status = public_key.Import(use, key);
  if (status != PSA_SUCCESS) {
    return ImportError(Op::kVerify, status);
  }
  Digest digest;
  STRATA_TRY(Check(HashParts(parts, digest), Op::kVerify));
  status = psa_verify_hash(public_key.id(),
                           kEcdsa,
                           digest.bytes.data(),
                           digest.bytes.size(),
                           signature.data(),
                           signature.size());
  if (status == PSA_ERROR_INVALID_SIGNATURE) {
    return Fail(Code::kSignatureInvalid, Op::kVerify);
  }
  return Check(status, Op::kVerify);
}

Status PsaCrypto::Ecdh(std::span<const std::uint8_t, kPrivateKeyBytes> scalar,
                       const PublicKey& peer,
                       std::span<std::uint8_t, 32> out) {
  if (!IsUncompressed(peer)) {
    return Fail(Code::kKeyInvalid);
  }
  TransientKey key;
  STRATA_TRY(ImportPrivate(key, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE, scalar));
  std::size_t length = 0;
  const psa_status_t status = psa_raw_key_agreement(
      PSA_ALG_ECDH, key.id(), peer.data(), peer.size(), out.data(), out.size(), &length);
  if (status != PSA_SUCCESS) {
    return ImportError(Op::kNone, status);
  }
  return {};
}

Status PsaCrypto::PublicOf(std::span<const std::uint8_t, kPrivateKeyBytes> scalar, PublicKey& out) {
  TransientKey key;
  STRATA_TRY(ImportPrivate(key, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE, scalar));
  std::size_t length = 0;
  return Check(psa_export_public_key(key.id(), out.data(), out.size(), &length));
}

}  // namespace strata::platform
