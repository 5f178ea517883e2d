// SPDX-License-Identifier: Apache-2.0
/// The crypto, entropy and identity ports over the PSA Crypto API (Mbed TLS 2.28), for host and
/// M33. Role: computes with keys that are handed in; keeps none but the identity's. Knows nothing
/// of updates. Context: call PsaCrypto::Init() once before anything else here. The library keeps
/// one table of keys for the whole program and does not lock it: all calls into this header come
/// from one thread at a time, however many objects there are. Security: every key handed in lives
/// in the library for the length of one call and is wiped with it. Private scalars are never
/// exported. Points are checked to lie on the curve. Source: PSA Cryptography API 1.0; FIPS 180-4,
/// RFC 2104, SP 800-38D, FIPS 186-4, RFC 6979.
#pragma once

#include <cstdint>
#include <span>

#include "strata/core/bytes.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/result.hpp"
#include "strata/core/sid.hpp"
#include "strata/engine/ports/crypto.hpp"
#include "strata/engine/ports/entropy.hpp"
#include "strata/engine/ports/identity.hpp"

namespace strata::platform {

/// Without an Init() that returned OK every call fails with kCryptoFailed. `detail` of an Error is
/// the negated psa_status_t.
class PsaCrypto final : public ports::Crypto {
 public:
  /// Starts the library; again is harmless. * kEntropyFailed: no randomness to start from.
  /// * kCryptoFailed: anything else.
  static Status Init();

  Status HashStart(ports::HashState& state) override;
  Status HashUpdate(ports::HashState& state, ByteSpan data) override;
  Status HashFinish(ports::HashState& state, Digest& out) override;

  Status Hmac(ByteSpan key, std::span<const ByteSpan> parts, Digest& out) override;

  /// Also * kCryptoFailed when `out` does not have its length.
  Status Seal(const ports::AeadKey& key,
              const ports::AeadNonce& nonce,
              ByteSpan aad,
              ByteSpan plaintext,
              MutableByteSpan out) override;

  /// Also * kStagingCorrupt for fewer bytes than a tag has, and * kCryptoFailed when `out` does not
  /// have its length.
  Status Open(const ports::AeadKey& key,
              const ports::AeadNonce& nonce,
              ByteSpan aad,
              ByteSpan sealed,
              MutableByteSpan out) override;

  Status Verify(const PublicKey& key,
                std::span<const ByteSpan> parts,
                const Signature& signature) override;

  Status Ecdh(std::span<const std::uint8_t, kPrivateKeyBytes> scalar,
              const PublicKey& peer,
              std::span<std::uint8_t, 32> out) override;

  Status PublicOf(std::span<const std::uint8_t, kPrivateKeyBytes> scalar, PublicKey& out) override;
};

/// The library's random generator. * kEntropyFailed also before PsaCrypto::Init().
class PsaEntropy final : public ports::Entropy {
 public:
  Status Fill(MutableByteSpan out) override;
};

/// A device's identity; its private key stays inside the library until the object ends.
/// Signatures are deterministic (RFC 6979), so weak randomness can't leak the key; the computation
/// is blinded.
class PsaIdentity final : public ports::Identity {
 public:
  explicit PsaIdentity(const DeviceSid& sid) : sid_(sid) {}

  ~PsaIdentity() override;

  /// Takes the private key, in place of a former one; the caller wipes its own copy.
  /// * kKeyInvalid: not a private key. * kCryptoFailed. After an error there is no key.
  Status Load(std::span<const std::uint8_t, kPrivateKeyBytes> scalar);

  [[nodiscard]] const DeviceSid& sid() const override { return sid_; }

  /// * kCryptoFailed also when no key was loaded.
  Result<Signature> Sign(std::span<const ByteSpan> parts) override;

 private:
  void Forget();

  DeviceSid sid_;
  std::uint32_t key_ = 0;  ///< the library's number of the key; 0: none
};

}  // namespace strata::platform
