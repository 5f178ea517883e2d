// SPDX-License-Identifier: Apache-2.0
/// KeyStore: the keys a device trusts or holds, by key id. Private halves never leave it.
/// Role: answers and computes; decides no policy. RotatingKeyStore: one whose contents NewKeys
/// messages change (docs/spec/new-keys.md); who may change them the engine checks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "strata/core/key_change.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/result.hpp"

namespace strata::ports {

class KeyStore {
 public:
  virtual ~KeyStore() = default;
  KeyStore() = default;
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;

  /// The public key of a manifest signer. * kSignerUnknown: no such signer. * kKeyStoreCorrupt.
  virtual Result<PublicKey> FindSigner(KeyId id) = 0;

  /// The public half of a layer key that the device can open layers with, a retired one too.
  /// * kDecryptionKeyMissing: no such key. * kKeyStoreCorrupt.
  virtual Result<PublicKey> FindLayerKey(KeyId id) = 0;

  /// Diffie–Hellman of the layer key `id` with `peer`: 32 bytes, the caller wipes them.
  /// * kDecryptionKeyMissing. * kKeyInvalid: `peer` is not on the curve. * kKeyStoreCorrupt.
  virtual Status LayerKeyAgreement(KeyId id,
                                   const PublicKey& peer,
                                   std::span<std::uint8_t, 32> out) = 0;
};

/// Layer keys that a slot still needs; nullopt: not known, so all may be needed.
using NeededLayerKeys = std::optional<std::span<const KeyId>>;

class RotatingKeyStore : public KeyStore {
 public:
  /// The public key of a rotation key. * kRotationKeyUnknown: no such key. * kKeyStoreCorrupt.
  virtual Result<PublicKey> FindRotationKey(KeyId id) = 0;

  /// Whether a layer key was deleted and is only kept for slots that need it: it opens no new
  /// manifest. * kDecryptionKeyMissing. * kKeyStoreCorrupt.
  virtual Result<bool> IsRetired(KeyId layer_key) = 0;

  /// Where in the fleet's chain the keys stand. * kKeyStoreCorrupt.
  virtual Result<ChainPosition> Position() = 0;

  /// Carries `change` out as a whole, in one atomic replacement: after OK it is durable, and after
  /// an error, as after a power cut, the store is as before or (a cut only) as after. Deleted layer
  /// keys that are `needed` are retired, the others and retired ones that are not needed any more
  /// are erased. Does not check signature, fleet or sequence: the engine did.
  /// * kLayerDecryptFailed: a layer key sealed for this device does not open, or is none.
  /// * kLastSigner: no signer would remain. * kKeyStoreFull. * kKeyStoreCorrupt. * kFlashIo,
  /// kCryptoFailed.
  virtual Status Apply(const KeyChange& change, const NeededLayerKeys& needed) = 0;

  /// Erases what need not be there: retired layer keys that are not `needed`, and what a power cut
  /// during a replacement left. To be called after each boot and each time a slot was given up;
  /// costs nothing when there is nothing to do. * kFlashIo, kCryptoFailed: try again later.
  /// * kKeyStoreCorrupt.
  virtual Status Tidy(const NeededLayerKeys& needed) = 0;

  /// Copies the CA of that position, X.509 in DER, that the cloud's certificate must be of, and
  /// returns its size; 0: there is no such position. None at all: those the platform was
  /// provisioned with count. `out` holds at least kMaxCloudCaBytes. * kKeyStoreCorrupt.
  virtual Result<std::size_t> ReadCloudCa(std::uint32_t position, MutableByteSpan out) = 0;
};

}  // namespace strata::ports
