// SPDX-License-Identifier: Apache-2.0
/// FlashKeyStore: the KeyStore port over two erase units of the secure flash.
/// Role: keeps manifest signers, layer keys and rotation keys; written whole at provisioning, read
/// at boot. Durability: Format() is atomic: after a cut the store is either absent or whole
/// (docs/spec/key-store.md). Security: the secure flash is trusted (docs/threat-model.md); private
/// halves leave only as agreements.
#pragma once

#include <cstdint>
#include <span>

#include "strata/engine/ports/crypto.hpp"
#include "strata/engine/ports/flash.hpp"
#include "strata/engine/ports/key_store.hpp"

namespace strata::engine {

/// What a device is born with. Spans outlive the call.
struct KeySeed {
  std::span<const PublicKey> signers;                                      ///< 1 … 8
  std::span<const std::array<std::uint8_t, kPrivateKeyBytes>> layer_keys;  ///< 0 … 8
  std::span<const PublicKey> rotation_keys;                                ///< 0 … 8
};

class FlashKeyStore final : public ports::KeyStore {
 public:
  FlashKeyStore(ports::Flash& secure, ports::Crypto& crypto) : secure_(secure), crypto_(crypto) {}

  /// Replaces the whole store. * kInvalidArgument: no signer. * kKeyStoreFull: too many of a kind.
  /// * kKeyInvalid.
  /// * kFlashIo: the store is as before or absent.
  Status Format(const KeySeed& seed);

  /// Whether a whole store is there. * kFlashIo.
  Result<bool> IsFormatted();

  Result<PublicKey> FindSigner(KeyId id) override;
  Result<PublicKey> FindLayerKey(KeyId id) override;
  Status LayerKeyAgreement(KeyId id,
                           const PublicKey& peer,
                           std::span<std::uint8_t, 32> out) override;

 private:
  ports::Flash& secure_;
  ports::Crypto& crypto_;
};

}  // namespace strata::engine
