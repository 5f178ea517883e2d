// SPDX-License-Identifier: Apache-2.0
/// HPKE (RFC 9180), base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM: the one suite
/// of encrypted layers. Role: RFC in code, step by step, so that each intermediate value of its
/// appendix A.3.1 can be checked; what a layer looks like is in layer_cipher.hpp. Context: one
/// context serves one thread. Reference: RFC 9180 §4.1, §5.1, §5.2, §5.3, §7.1.3; RFC 5869.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "strata/format/bundle/keys.hpp"

#include "openssl.hpp"

namespace strata::bundle::hpke {

inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kSharedBytes = 32;

using SharedSecret = Secret<kSharedBytes>;

/// RFC 9180 §7.1.3. * kCryptoFailed: no candidate below the order (practically never).
Expected<PrivateKey> DeriveKeyPair(ByteSpan ikm);

/// Encap of §4.1 with a given ephemeral: fills `out` with the shared secret; enc is ephemeral's
/// public half.
/// * kKeyInvalid: `recipient` is not on the curve.
Outcome Encapsulate(const PrivateKey& ephemeral, const PublicKey& recipient, SharedSecret& out);

/// Decap of §4.1. * kKeyInvalid: `enc` is not on the curve.
Outcome Decapsulate(const PublicKey& enc, const PrivateKey& recipient, SharedSecret& out);

/// All that KeySchedule of §5.1 computes in base mode.
struct KeySchedule {
  std::array<std::uint8_t, 65> context{};
  SharedSecret secret;
  Secret<16> key;
  std::array<std::uint8_t, kNonceBytes> base_nonce{};
  SharedSecret exporter_secret;
};

/// Fills `out`.
void DeriveKeySchedule(const SharedSecret& shared_secret, ByteSpan info, KeySchedule& out);

/// LabeledExpand(exporter_secret, "sec", context, length), §5.3; length ≤ 255 · 32.
std::vector<std::uint8_t> Export(const KeySchedule& schedule, ByteSpan context, std::size_t length);

/// base_nonce xor the sequence number, §5.2.
std::array<std::uint8_t, kNonceBytes> NonceAt(const KeySchedule& schedule, std::uint64_t sequence);

/// Seals in sequence from 0. `schedule` outlives it.
class Sealer {
 public:
  explicit Sealer(const KeySchedule& schedule);

  /// `out.size()` = plaintext + kTagBytes. * kCryptoFailed.
  Outcome Seal(ByteSpan aad, ByteSpan plaintext, MutableByteSpan out);

 private:
  const KeySchedule& schedule_;
  CipherContextPtr cipher_;
  std::uint64_t sequence_ = 0;
};

/// Opens in sequence from 0. `schedule` outlives it.
class Opener {
 public:
  explicit Opener(const KeySchedule& schedule);

  /// `out.size()` + kTagBytes = ciphertext; `out` counts only when OK comes back. The sequence
  /// moves on only then.
  /// * kLayerDecryptFailed.
  Outcome Open(ByteSpan aad, ByteSpan ciphertext, MutableByteSpan out);

 private:
  const KeySchedule& schedule_;
  CipherContextPtr cipher_;
  std::uint64_t sequence_ = 0;
};

}  // namespace strata::bundle::hpke
