// SPDX-License-Identifier: Apache-2.0
/// NewKeys as host code makes and reads it: the message that changes a fleet's keys.
/// Role: bytes ↔ checked values, signature, place in the chain, sealing of layer keys. Does not
/// know which rotation keys or signers there are: callers look them up. The device's reader is in
/// format/manifest and shares the .proto alone. Security: input is an attacker's until
/// VerifyNewKeys() said otherwise; a body is parsed only after it. Reference:
/// docs/spec/new-keys.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "strata/core/digest.hpp"
#include "strata/core/keys.hpp"
#include "strata/format/bundle/expected.hpp"
#include "strata/format/bundle/keys.hpp"

namespace strata::bundle {

inline constexpr std::size_t kMaxNewKeysBytes = 4096;
inline constexpr std::size_t kMaxChangedSigners = 8;  ///< deleted and added, each
inline constexpr std::size_t kMaxDeletedLayerKeys = 8;
inline constexpr std::size_t kMaxWrappedLayerKeys = 16;
inline constexpr std::size_t kMaxCloudCas = 2;
inline constexpr std::size_t kMaxCloudCaBytes = 1024;

/// The account SID without its prefix.
using FleetId = std::array<std::uint8_t, 16>;

/// A layer key's private scalar that only the holder of a receiver key can open (HPKE).
struct WrappedLayerKey {
  static constexpr std::size_t kCiphertextBytes = kPrivateKeyBytes + 16;

  KeyId receiver = KeyId::kNone;
  PublicKey sender_pub{};
  std::array<std::uint8_t, kCiphertextBytes> ciphertext{};

  friend bool operator==(const WrappedLayerKey&, const WrappedLayerKey&) = default;
};

struct NewKeysBody {
  std::vector<KeyId> delete_signers;
  std::vector<KeyId> delete_layer_keys;
  std::vector<PublicKey> add_signers;
  std::vector<WrappedLayerKey> add_layer_keys;
  std::uint32_t sequence = 0;
  std::optional<Digest> previous_hash;  ///< of the body of the message before; nullopt: none named
  FleetId fleet{};
  std::vector<std::vector<std::uint8_t>> cloud_cas;  ///< X.509, DER

  friend bool operator==(const NewKeysBody&, const NewKeysBody&) = default;
};

/// The envelope. `body` is what the signature covers.
struct SealedNewKeys {
  KeyId signer = KeyId::kNone;
  std::vector<std::uint8_t> body;
  Signature signature{};
};

/// Where a chain stands.
struct ChainHead {
  FleetId fleet{};
  std::uint32_t sequence = 0;  ///< of the last message; 0: there is none
  Digest last_hash{};          ///< SHA-256 of that message's body; unused at 0
};

/// * kNewKeysMalformed: more than 4096 bytes, not an envelope, no body, a signature that is not 64
/// bytes, or a field twice.
Expected<SealedNewKeys> ParseNewKeys(ByteSpan message);

/// Exactly the bytes that travel.
std::vector<std::uint8_t> SerializeNewKeys(const SealedNewKeys& message);

/// * kRotationKeyUnknown: `rotation_key` is not the one that the message names.
/// * kSignatureInvalid.
Outcome VerifyNewKeys(const SealedNewKeys& message, const PublicKey& rotation_key);

/// Decodes a body and checks its form: counts, lengths, points on the curve, no field twice where
/// one is meant. Whether the certificates are usable: CheckCloudCa(). * kNewKeysMalformed.
Expected<NewKeysBody> ParseNewKeysBody(ByteSpan body);

/// Field order is by number; equal values give equal bytes.
std::vector<std::uint8_t> SerializeNewKeysBody(const NewKeysBody& body);

/// Checks the body's form as ParseNewKeysBody() does, signs it (RFC 6979) and gives the whole
/// message. * kNewKeysMalformed: also when the message would be too large. * kCryptoFailed.
Expected<std::vector<std::uint8_t>> SignNewKeys(const NewKeysBody& body,
                                                const PrivateKey& rotation_key);

/// Whether `body` is the next message behind `head`. * kNewKeysOtherFleet. * kNewKeysOutOfOrder.
Outcome CheckFollows(const NewKeysBody& body, const ChainHead& head);

/// A certificate that a device can pin: DER without anything behind it, of a P-256 key, at most
/// 1024 bytes. * kNewKeysMalformed.
Outcome CheckCloudCa(ByteSpan der);

/// From PEM, which holds exactly one certificate; checked by CheckCloudCa(). * kKeyUnreadable: not
/// PEM. * kNewKeysMalformed.
Expected<std::vector<std::uint8_t>> CloudCaFromPem(std::string_view pem);

/// Seals `layer_key` for the holder of `receiver`, bound to the fleet and to the message's
/// sequence. The ephemeral key is derived, so equal inputs give equal bytes. * kKeyInvalid.
Expected<WrappedLayerKey> WrapLayerKey(const PrivateKey& layer_key,
                                       const PublicKey& receiver,
                                       const FleetId& fleet,
                                       std::uint32_t sequence);

/// The reverse. * kLayerDecryptFailed: it is for another receiver, fleet or sequence, or does not
/// hold a private key.
Expected<PrivateKey> UnwrapLayerKey(const WrappedLayerKey& wrapped,
                                    const PrivateKey& receiver,
                                    const FleetId& fleet,
                                    std::uint32_t sequence);

}  // namespace strata::bundle
