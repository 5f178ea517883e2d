// SPDX-License-Identifier: Apache-2.0
/// KeyStoreChange: what a store holds after a NewKeys message, or after purging retired keys.
/// Role: Plan() judges without writing; Write() streams the new store from the old one, key by key,
/// so that no list of keys is ever in memory. Security: private halves are in memory one at a time
/// and wiped. Reference: docs/spec/new-keys.md "What changes".
#pragma once

#include "strata/core/secure.hpp"
#include "strata/engine/ports/key_store.hpp"

#include "key_store_unit.hpp"

namespace strata::engine {

/// * kCryptoFailed.
Result<KeyId> KeyIdOf(ports::Crypto& crypto, KeyType type, ByteSpan key);

class KeyStoreChange {
 public:
  /// All outlive it.
  KeyStoreChange(ports::Flash& flash,
                 ports::Crypto& crypto,
                 const FoundStore& old,
                 const KeyChange& change,
                 const ports::NeededLayerKeys& needed)
      : flash_(flash), crypto_(crypto), old_(old), change_(change), needed_(needed) {}

  /// * kLayerDecryptFailed, kLastSigner, kKeyStoreFull, in this order. * kKeyStoreCorrupt: the old
  /// store can't be read. * kCryptoFailed.
  Status Plan();

  /// The new header; after Plan().
  [[nodiscard]] const StoreHeader& header() const { return header_; }

  /// Everything behind the header; after Plan(). * kFlashIo, kCryptoFailed, kKeyStoreCorrupt.
  Status Write(StoreWriter& writer);

 private:
  Status PlanSigners();
  Status PlanAddedLayerKeys();
  Status PlanHeldLayerKeys();
  Status PlanCas();
  Status WriteLayerKeys(StoreWriter& writer);
  Status WriteCas(StoreWriter& writer);

  Result<KeyId> HeldLayerKey(std::uint32_t index);
  Status LoadReceiver();
  Status Unwrap(const WrappedLayerKey& wrapped, Secret<kPrivateKeyBytes>& scalar, PublicKey& key);
  [[nodiscard]] bool IsNeeded(KeyId id) const;

  ports::Flash& flash_;
  ports::Crypto& crypto_;
  const FoundStore& old_;
  const KeyChange& change_;
  const ports::NeededLayerKeys& needed_;

  StoreHeader header_{};
  PublicKey receiver_{};
  KeyId receiver_id_ = KeyId::kNone;
  std::uint32_t old_ca_bytes_ = 0;
  // Bits by position, in the old store or in the message.
  std::uint8_t keep_signers_ = 0;
  std::uint8_t add_signers_ = 0;
  std::uint8_t keep_layer_keys_ = 0;
  std::uint8_t retired_layer_keys_ = 0;
  std::uint8_t added_again_ = 0;  ///< layer keys of the old store that the message adds
  std::uint16_t add_layer_keys_ = 0;
  bool too_many_layer_keys_ = false;
};

}  // namespace strata::engine
