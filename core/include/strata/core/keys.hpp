// SPDX-License-Identifier: Apache-2.0
/// Names of keys and shapes of P-256 material. No cryptography here.
/// Key id = first 8 bytes, big-endian, of SHA-256(2-byte type tag ‖ X9.62 uncompressed point)
/// (original: docs/spec/manifest.md "Key ids"). The type tag keeps one key pair from serving two
/// uses.
#pragma once

#include <array>
#include <cstdint>

#include "strata/core/digest.hpp"

namespace strata {

enum class KeyType : std::uint16_t {
  kManifestSigner = 0,  ///< signs manifests; the original's only tag
  kLayer = 1,           ///< its private half opens encrypted layers
  kRotation = 2,        ///< signs NewKeys messages, nothing else
  kDebug = 3,           ///< authenticates a debugger
  kReceiver = 4,        ///< its private half opens layer keys that a NewKeys message brings
};

/// 0 names no key: "unsigned" as a signer, "in clear" as a layer key.
enum class KeyId : std::uint64_t { kNone = 0 };

/// X9.62 uncompressed point 04 ‖ X ‖ Y on P-256.
using PublicKey = std::array<std::uint8_t, 65>;

/// ECDSA P-256 signature r ‖ s, 32 bytes each, big-endian, not DER.
using Signature = std::array<std::uint8_t, 64>;

inline constexpr std::size_t kPrivateKeyBytes = 32;

/// The key id that belongs to `digest` = SHA-256(tag ‖ public key).
constexpr KeyId KeyIdFromDigest(const Digest& digest) {
  return static_cast<KeyId>(LoadBigEndian<std::uint64_t>(digest.bytes));
}

}  // namespace strata
