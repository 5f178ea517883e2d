// SPDX-License-Identifier: Apache-2.0
/// KeyStore: the keys a device trusts or holds, by key id. Private halves never leave it.
/// Role: answers and computes; decides no policy. Changing its contents (NewKeys) is not part of
/// this port.
#pragma once

#include <cstdint>
#include <span>

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

  /// The public half of a layer key that the device can open layers with.
  /// * kDecryptionKeyMissing: no such key. * kKeyStoreCorrupt.
  virtual Result<PublicKey> FindLayerKey(KeyId id) = 0;

  /// Diffie–Hellman of the layer key `id` with `peer`: 32 bytes, the caller wipes them.
  /// * kDecryptionKeyMissing. * kKeyInvalid: `peer` is not on the curve. * kKeyStoreCorrupt.
  virtual Status LayerKeyAgreement(KeyId id,
                                   const PublicKey& peer,
                                   std::span<std::uint8_t, 32> out) = 0;
};

}  // namespace strata::ports
