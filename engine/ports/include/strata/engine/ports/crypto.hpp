// SPDX-License-Identifier: Apache-2.0
/// Crypto: the primitives the engine needs, nothing composed. HPKE, receipts and sealing are built
/// on them in engine/. Role: computes; holds no long-lived key (KeyStore and Identity do). Context:
/// single caller, no heap on the device, may block for one operation. Security: inputs may be an
/// attacker's; implementations are constant-time in keys and plaintext. Errors: * kCryptoFailed:
/// the library refused; outputs are undefined and must not be used.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "strata/core/digest.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/result.hpp"

namespace strata::ports {

/// Room for an implementation's running SHA-256. Trivially movable only while unused. A device
/// keeps several: Mbed TLS, whose union holds nothing larger than SHA-256 there, wants 116 bytes of
/// it.
struct HashState {
  static constexpr std::size_t kBytes = sizeof(void*) == 4 ? 120 : 256;
  alignas(std::uint64_t) std::array<std::byte, kBytes> storage{};
};

using AeadKey = std::array<std::uint8_t, 16>;    ///< AES-128
using AeadNonce = std::array<std::uint8_t, 12>;  ///< never used twice with one key
inline constexpr std::size_t kAeadTagBytes = 16;

class Crypto {
 public:
  virtual ~Crypto() = default;
  Crypto() = default;
  Crypto(const Crypto&) = delete;
  Crypto& operator=(const Crypto&) = delete;

  // SHA-256 (FIPS 180-4), in pieces. A state that was started is finished, or aborted by the next
  // start.
  virtual Status HashStart(HashState& state) = 0;
  virtual Status HashUpdate(HashState& state, ByteSpan data) = 0;
  virtual Status HashFinish(HashState& state, Digest& out) = 0;

  /// HMAC-SHA-256 (RFC 2104) over the concatenation of `parts`. `key` may have any length, also 0.
  virtual Status Hmac(ByteSpan key, std::span<const ByteSpan> parts, Digest& out) = 0;

  /// AES-128-GCM. `out.size()` == plaintext.size() + kAeadTagBytes. `out` begins where `plaintext`
  /// does (sealed in place), or they don't overlap.
  virtual Status Seal(const AeadKey& key,
                      const AeadNonce& nonce,
                      ByteSpan aad,
                      ByteSpan plaintext,
                      MutableByteSpan out) = 0;

  /// `out.size()` == sealed.size() - kAeadTagBytes. `out` begins where `sealed` does (opened in
  /// place), or they don't overlap. Nothing of `out` may be used unless OK.
  /// * kStagingCorrupt: the tag does not match (wrong key, nonce, aad or bytes).
  virtual Status Open(const AeadKey& key,
                      const AeadNonce& nonce,
                      ByteSpan aad,
                      ByteSpan sealed,
                      MutableByteSpan out) = 0;

  /// ECDSA P-256 with SHA-256 over the concatenation of `parts`.
  /// * kSignatureInvalid: it does not verify. * kKeyInvalid: `key` is not a point on the curve.
  virtual Status Verify(const PublicKey& key,
                        std::span<const ByteSpan> parts,
                        const Signature& signature) = 0;

  /// The x coordinate of the P-256 Diffie–Hellman point (32 bytes).
  /// * kKeyInvalid: `peer` is not a point on the curve, or `scalar` is not a private key.
  virtual Status Ecdh(std::span<const std::uint8_t, kPrivateKeyBytes> scalar,
                      const PublicKey& peer,
                      std::span<std::uint8_t, 32> out) = 0;

  /// The public half of a private key. * kKeyInvalid: not a private key.
  virtual Status PublicOf(std::span<const std::uint8_t, kPrivateKeyBytes> scalar,
                          PublicKey& out) = 0;
};

}  // namespace strata::ports
