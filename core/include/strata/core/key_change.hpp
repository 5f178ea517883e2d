// SPDX-License-Identifier: Apache-2.0
/// A change of a fleet's keys as values that format, engine and key store share. No cryptography
/// here. Lifetimes: spans point into the message that was read. Reference: docs/spec/new-keys.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "strata/core/bytes.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/keys.hpp"

namespace strata {

/// The account SID without its prefix; zeros: no fleet.
using FleetId = std::array<std::uint8_t, 16>;

inline constexpr std::size_t kMaxCloudCas = 2;
inline constexpr std::size_t kMaxCloudCaBytes = 1024;

/// Where in its fleet's chain of NewKeys messages a device stands.
struct ChainPosition {
  FleetId fleet{};
  std::uint32_t sequence = 0;  ///< of the last message; 0: none
  Digest last_hash{};          ///< SHA-256 of that message's body; zeros: none

  friend bool operator==(const ChainPosition&, const ChainPosition&) = default;
};

/// A layer key's private scalar, sealed for whoever holds the receiver key.
struct WrappedLayerKey {
  static constexpr std::size_t kCiphertextBytes = kPrivateKeyBytes + 16;

  KeyId receiver = KeyId::kNone;
  ByteSpan sender_pub{};  ///< 65 bytes
  ByteSpan ciphertext{};  ///< kCiphertextBytes
};

/// What one message does to a key store, deletions before additions.
struct KeyChange {
  std::uint32_t sequence = 0;
  Digest body_hash{};
  std::span<const KeyId> delete_signers{};
  std::span<const KeyId> delete_layer_keys{};
  std::span<const ByteSpan> add_signers{};  ///< points, 65 bytes each
  std::span<const WrappedLayerKey> add_layer_keys{};
  std::span<const ByteSpan> cloud_cas{};  ///< X.509, DER; when not empty, replace those before
};

}  // namespace strata
