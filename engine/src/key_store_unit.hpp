// SPDX-License-Identifier: Apache-2.0
/// One erase unit of the key store: finding a whole store, reading its parts, writing a new one.
/// Role: bytes on flash; what they are for is flash_key_store.cpp's. Layout and the rule which of
/// two counts: docs/spec/key-store.md.
#pragma once

#include <optional>

#include "strata/core/key_change.hpp"
#include "strata/core/result.hpp"
#include "strata/engine/ports/crypto.hpp"
#include "strata/engine/ports/flash.hpp"

#include "digest_of.hpp"
#include "key_store_format.hpp"

namespace strata::engine {

/// The header's numbers.
struct StoreHeader {
  std::uint8_t signers = 0;
  std::uint8_t layer_keys = 0;
  std::uint8_t rotation_keys = 0;
  std::uint8_t receivers = 0;
  std::uint8_t cloud_cas = 0;
  std::uint32_t generation = 0;
  ChainPosition position{};
};

/// A whole store that was found. Offsets are those of the secure flash.
struct FoundStore {
  StoreHeader header{};
  unsigned unit = 0;
  bool marked = false;
  std::uint32_t start = 0;

  [[nodiscard]] std::uint32_t SignerAt(std::uint32_t index) const {
    return start + kKeyStoreHeaderBytes + index * kPublicKeyEntryBytes;
  }

  [[nodiscard]] std::uint32_t LayerKeyAt(std::uint32_t index) const {
    return SignerAt(header.signers) + index * kLayerKeyEntryBytes;
  }

  [[nodiscard]] std::uint32_t RotationKeyAt(std::uint32_t index) const {
    return LayerKeyAt(header.layer_keys) + index * kPublicKeyEntryBytes;
  }

  [[nodiscard]] std::uint32_t ReceiverAt() const { return RotationKeyAt(header.rotation_keys); }

  /// Of the first CA's length.
  [[nodiscard]] std::uint32_t CasAt() const {
    return ReceiverAt() + header.receivers * kPrivateKeyEntryBytes;
  }
};

class StoreUnits {
 public:
  StoreUnits(ports::Flash& flash, ports::Crypto& crypto) : flash_(flash), crypto_(crypto) {}

  [[nodiscard]] std::uint32_t StartOf(unsigned unit) const;

  /// The store of one unit; nullopt: there is no whole one. * kCryptoFailed.
  Result<std::optional<FoundStore>> Examine(unsigned unit);

  /// The store that counts; nullopt: there is none. * kCryptoFailed.
  Result<std::optional<FoundStore>> Locate();

  /// Erases the unit that `store` is not in, unless it is erased; only when `store` reads well
  /// once more. * kFlashIo. * kCryptoFailed.
  Status EraseOther(const FoundStore& store);

  /// * kFlashIo.
  Status Erase(unsigned unit);

 private:
  /// Bytes up to the digest; nullopt: the lengths make no sense.
  std::optional<std::uint32_t> SizeOf(const FoundStore& store);
  Result<bool> DigestMatches(std::uint32_t start, std::uint32_t size);
  bool IsErased(unsigned unit);

  ports::Flash& flash_;
  ports::Crypto& crypto_;
};

/// Programs a store into an erased unit, hashing it on the way.
class StoreWriter {
 public:
  StoreWriter(ports::Flash& flash, ports::Crypto& crypto, std::uint32_t at);
  ~StoreWriter();
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;

  Status Start(const StoreHeader& header);
  Status Put(ByteSpan bytes);
  /// Copies `size` bytes that stand on the same flash.
  Status Copy(std::uint32_t from, std::uint32_t size);
  /// Digest, then the mark. After OK the store is durable.
  Status Finish();

 private:
  Status Emit(ByteSpan bytes);
  /// Programs what is left, padded to the program unit.
  Status Flush();

  static constexpr std::size_t kBlockBytes = 128;  // a multiple of every program unit

  ports::Flash& flash_;
  RunningHash hash_;
  std::uint32_t at_;
  std::array<std::uint8_t, kBlockBytes> block_{};
  std::size_t used_ = 0;
};

/// Bytes that a store takes of an erase unit, digest and mark included. `ca_bytes`: of all CAs with
/// their lengths.
std::uint32_t StoreBytes(const StoreHeader& header,
                         std::uint32_t ca_bytes,
                         std::uint32_t program_unit_bytes);

}  // namespace strata::engine
