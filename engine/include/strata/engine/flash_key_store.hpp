// SPDX-License-Identifier: Apache-2.0
/// FlashKeyStore: the key store ports over two erase units of the secure flash.
/// Role: keeps manifest signers, layer keys, rotation keys, the receiver key, pinned CAs and the
/// place in the fleet's chain; written whole at provisioning and by each NewKeys message.
/// Durability: every replacement is atomic: a cut leaves the former store or the new one whole
/// (docs/spec/key-store.md). Security: the secure flash is trusted (docs/threat-model.md); private
/// halves leave only as agreements, and the former store is erased.
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
  std::span<const std::uint8_t> receiver{};  ///< a private key (32 bytes), or empty
  ChainPosition position{};                  ///< where in the chain these keys stand
};

class FlashKeyStore final : public ports::RotatingKeyStore {
 public:
  FlashKeyStore(ports::Flash& secure, ports::Crypto& crypto) : secure_(secure), crypto_(crypto) {}

  /// Replaces the whole store. * kInvalidArgument: no signer, or a receiver that is not 32 bytes.
  /// * kKeyStoreFull: too many of a kind. * kKeyInvalid. * kFlashIo, kCryptoFailed: the store is as
  /// before.
  Status Format(const KeySeed& seed);

  /// Whether a whole store is there. * kFlashIo.
  Result<bool> IsFormatted();

  Result<PublicKey> FindSigner(KeyId id) override;
  Result<PublicKey> FindLayerKey(KeyId id) override;
  Status LayerKeyAgreement(KeyId id,
                           const PublicKey& peer,
                           std::span<std::uint8_t, 32> out) override;
  Result<PublicKey> FindRotationKey(KeyId id) override;
  Result<bool> IsRetired(KeyId layer_key) override;
  Result<ChainPosition> Position() override;
  Status Apply(const KeyChange& change, const ports::NeededLayerKeys& needed) override;
  Status Tidy(const ports::NeededLayerKeys& needed) override;
  Result<std::size_t> ReadCloudCa(std::uint32_t position, MutableByteSpan out) override;

 private:
  ports::Flash& secure_;
  ports::Crypto& crypto_;
};

}  // namespace strata::engine
