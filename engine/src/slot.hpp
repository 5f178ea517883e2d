// SPDX-License-Identifier: Apache-2.0
/// SlotStore: the two staging slots on external flash: one manifest and the sealed chunks of its
/// layers each. Role: puts chunks where they belong, seals and opens them; chooses nothing and
/// trusts nothing it reads. Durability: a chunk that WriteChunk() returned OK for survives power
/// loss. Security: external flash is the attacker's. A chunk opens only under its slot's seed,
/// layer, attempt, index and last flag; the caller never seals two different chunks under one
/// attempt and index. The manifest is in clear and checked by its hash. Reference:
/// docs/spec/staging.md.
#pragma once

#include <cstdint>

#include "strata/core/hardware.hpp"
#include "strata/core/staging_size.hpp"
#include "strata/engine/ports/crypto.hpp"
#include "strata/engine/ports/flash.hpp"
#include "strata/format/manifest/manifest.hpp"

#include "journal_state.hpp"

namespace strata::engine {

/// A slot begins with the erase units that hold this much: the manifest.
inline constexpr std::uint32_t kManifestAreaBytes = manifest::kMaxManifestBytes;
inline constexpr std::uint32_t kChunkBytes = kStagedChunkBytes;
static_assert(kSealedChunkBytes - kChunkBytes == ports::kAeadTagBytes);

/// Room for one chunk, in which it is sealed and opened.
using ChunkSpan = std::span<std::uint8_t, kSealedChunkBytes>;

/// How many bytes of an unsized (legacy) layer are accepted, else its size; at most 32 bits of it.
std::uint32_t FetchLimit(const manifest::Layer& layer);

constexpr std::uint32_t ChunkCount(std::uint32_t fetch_bytes) {
  return fetch_bytes / kChunkBytes + (fetch_bytes % kChunkBytes == 0 ? 0U : 1U);
}

/// Where the layers lie in a slot: behind the manifest, in the manifest's order.
class SlotLayout {
 public:
  SlotLayout(std::uint32_t erase_unit_bytes, std::uint32_t slot_bytes)
      : erase_unit_bytes_(erase_unit_bytes),
        slot_bytes_(slot_bytes),
        used_bytes_(StagedManifestBytes(erase_unit_bytes)) {}

  /// Takes the next layer in; returns its offset in the slot. * kUpdateTooLarge: it does not fit.
  Result<std::uint32_t> Add(const manifest::Layer& layer);

  [[nodiscard]] std::uint64_t used_bytes() const { return used_bytes_; }

 private:
  std::uint32_t erase_unit_bytes_;
  std::uint32_t slot_bytes_;
  std::uint64_t used_bytes_;
};

/// One chunk of one layer.
struct ChunkPlace {
  std::uint8_t slot = 0;
  std::uint8_t layer = 0;
  std::uint16_t attempt = 0;
  std::uint32_t index = 0;
  std::uint32_t layer_start = 0;  ///< as SlotLayout says
  bool last = false;
};

class SlotStore {
 public:
  SlotStore(const HardwareProfile& profile, ports::Flash& external, ports::Crypto& crypto)
      : profile_(profile), flash_(external), crypto_(crypto) {}

  /// Chunks per erase unit, at least 1: a layer can be taken up again only at a multiple of this.
  [[nodiscard]] std::uint32_t ChunksPerUnit() const;

  [[nodiscard]] std::uint32_t erase_unit_bytes() const {
    return flash_.geometry().erase_unit_bytes;
  }

  /// That of an empty slot.
  [[nodiscard]] SlotLayout Layout() const { return {erase_unit_bytes(), profile_.slot_bytes}; }

  /// Erases the manifest's place and writes it. * kFlashIo.
  Status WriteManifest(std::uint8_t slot, ByteSpan manifest);

  /// Fills `out` (its size is the manifest's). * kStagingCorrupt: it does not have `hash`. *
  /// kFlashIo. * kCryptoFailed.
  Status ReadManifest(std::uint8_t slot, const Digest& hash, MutableByteSpan out);

  /// Seals the first `size` bytes (1 … kChunkBytes) of `chunk` in place and programs them; erases
  /// each unit it enters first. They are not there in clear any more afterwards.
  /// * kFlashIo. * kCryptoFailed.
  Status WriteChunk(ByteSpan seed, const ChunkPlace& place, std::uint32_t size, ChunkSpan chunk);

  /// Opens a chunk of `size` bytes; they are at the start of `chunk`, whose contents are undefined
  /// after an error.
  /// * kStagingCorrupt: it does not open or can't be read. * kCryptoFailed.
  Status ReadChunk(ByteSpan seed, const ChunkPlace& place, std::uint32_t size, ChunkSpan chunk);

 private:
  Status DeriveKey(ByteSpan seed, const ChunkPlace& place, ports::AeadKey& key);
  [[nodiscard]] std::uint32_t SlotStart(std::uint8_t slot) const;
  [[nodiscard]] std::uint32_t ChunkStart(const ChunkPlace& place) const;

  const HardwareProfile& profile_;
  ports::Flash& flash_;
  ports::Crypto& crypto_;
};

}  // namespace strata::engine
