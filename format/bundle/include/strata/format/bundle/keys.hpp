// SPDX-License-Identifier: Apache-2.0
/// P-256 keys as files and ids, for the host (OpenSSL reads, Mbed TLS signs deterministically).
/// Role: text ↔ key, key id, sign, verify. Does not touch files: callers read and write them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "strata/core/keys.hpp"
#include "strata/core/secure.hpp"
#include "strata/format/bundle/expected.hpp"

namespace strata::bundle {

/// A P-256 private key in memory that is wiped at the end. Movable, not copyable.
class PrivateKey {
 public:
  /// * kEntropyFailed.
  static Expected<PrivateKey> Generate();

  /// From an unencrypted PEM ("PRIVATE KEY" or "EC PRIVATE KEY").
  /// * kKeyUnreadable: not PEM or encrypted. * kKeyWrongType: not EC, not P-256, or a public key.
  static Expected<PrivateKey> FromPem(std::string_view pem);

  /// From a raw scalar, 32 bytes big-endian. * kKeyInvalid: 0 or ≥ the group's order.
  static Expected<PrivateKey> FromScalar(std::span<const std::uint8_t, kPrivateKeyBytes> scalar);

  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  ~PrivateKey();

  [[nodiscard]] const PublicKey& public_key() const;
  [[nodiscard]] std::span<const std::uint8_t, kPrivateKeyBytes> scalar() const;

  /// PKCS#8 PEM. A secret: write it to a file of mode 0600 only.
  [[nodiscard]] Expected<std::string> ToPem() const;

  /// Deterministic ECDSA (RFC 6979) with SHA-256 over `prefix` ‖ NUL ‖ `message`.
  [[nodiscard]] Expected<Signature> Sign(std::string_view prefix, ByteSpan message) const;

 private:
  struct Material;
  explicit PrivateKey(std::unique_ptr<Material> material);
  std::unique_ptr<Material> material_;
};

/// From "PUBLIC KEY" PEM. * kKeyUnreadable. * kKeyWrongType: not EC, not P-256, or a private key.
Expected<PublicKey> PublicKeyFromPem(std::string_view pem);

/// SubjectPublicKeyInfo PEM.
Expected<std::string> PublicKeyToPem(const PublicKey& key);

/// SHA-256 of the DER SubjectPublicKeyInfo, by which the cloud knows a device.
Digest PublicKeyFingerprint(const PublicKey& key);

/// Whether `key` is a point of P-256: whatever came as 65 bytes must be asked.
bool IsOnCurve(const PublicKey& key);

KeyId KeyIdOf(KeyType type, const PublicKey& key);

/// 16 lowercase hexadecimal digits.
std::string KeyIdText(KeyId id);

/// ECDSA P-256 with SHA-256 over `prefix` ‖ NUL ‖ `message`.
bool VerifySignature(const PublicKey& key,
                     std::string_view prefix,
                     ByteSpan message,
                     const Signature& signature);

Digest Sha256(ByteSpan data);

inline constexpr std::string_view kManifestPrefix = "twlo-mv-manifest-v1";
inline constexpr std::string_view kReceiptPrefix = "strata-receipt-v1";
inline constexpr std::string_view kNewKeysPrefix = "strata-new-keys-v1";

}  // namespace strata::bundle
