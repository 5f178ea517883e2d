// SPDX-License-Identifier: Apache-2.0
#include "slot.hpp"

#include <algorithm>

#include "strata/core/checked.hpp"
#include "strata/core/secure.hpp"

#include "digest_of.hpp"
#include "hkdf.hpp"

namespace strata::engine {
namespace {

constexpr std::string_view kLayerKeyLabel = "strata-slot-layer-v1";

using Aad = std::array<std::uint8_t, 7>;

Aad AadOf(const ChunkPlace& place) {
  Aad aad{};
  const auto attempt = BigEndian(place.attempt);
  const auto index = BigEndian(place.index);
  std::copy(index.begin(), index.end(), std::copy(attempt.begin(), attempt.end(), aad.begin()));
  aad.back() = place.last ? 1 : 0;
  return aad;
}

ports::AeadNonce NonceOf(const ChunkPlace& place) {
  ports::AeadNonce nonce{};
  const auto index = BigEndian(place.index);
  std::copy(index.begin(), index.end(), nonce.end() - static_cast<std::ptrdiff_t>(index.size()));
  return nonce;
}

}  // namespace

std::uint32_t FetchLimit(const manifest::Layer& layer) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(layer.FetchLimitBytes(), 0xFFFFFFFF));
}

Result<std::uint32_t> SlotLayout::Add(const manifest::Layer& layer) {
  const std::uint64_t start = used_bytes_;
  used_bytes_ += StagedLayerBytes(layer.FetchLimitBytes(), erase_unit_bytes_);
  if (used_bytes_ > slot_bytes_) {
    return Fail(Code::kUpdateTooLarge, Op::kCheckManifest);
  }
  return static_cast<std::uint32_t>(start);
}

std::uint32_t SlotStore::ChunksPerUnit() const {
  return std::max<std::uint32_t>(1, erase_unit_bytes() / kSealedChunkBytes);
}

std::uint32_t SlotStore::SlotStart(std::uint8_t slot) const {
  return profile_.slot_start_bytes + slot * profile_.slot_bytes;
}

std::uint32_t SlotStore::ChunkStart(const ChunkPlace& place) const {
  return SlotStart(place.slot) + place.layer_start + place.index * kSealedChunkBytes;
}

Status SlotStore::WriteManifest(std::uint8_t slot, ByteSpan manifest) {
  const ports::FlashGeometry& geometry = flash_.geometry();
  const std::uint32_t area = *RoundUp(kManifestAreaBytes, geometry.erase_unit_bytes);
  STRATA_TRY(flash_.Erase(SlotStart(slot), area));
  const std::size_t tail = manifest.size() % geometry.program_unit_bytes;
  const ByteSpan whole = manifest.first(manifest.size() - tail);
  STRATA_TRY(flash_.Program(SlotStart(slot), whole));
  if (tail != 0) {
    std::array<std::uint8_t, 256> padded{};
    padded.fill(0xFF);
    std::copy(manifest.end() - static_cast<std::ptrdiff_t>(tail), manifest.end(), padded.begin());
    STRATA_TRY(flash_.Program(SlotStart(slot) + static_cast<std::uint32_t>(whole.size()),
                              ByteSpan(padded).first(geometry.program_unit_bytes)));
  }
  return flash_.Sync();
}

Status SlotStore::ReadManifest(std::uint8_t slot, const Digest& hash, MutableByteSpan out) {
  STRATA_TRY(flash_.Read(SlotStart(slot), out));
  const std::array<ByteSpan, 1> parts = {out};
  STRATA_TRY_ASSIGN(const Digest found, DigestOf(crypto_, parts));
  return found == hash ? Status() : Fail(Code::kStagingCorrupt, Op::kVerifyStaged);
}

Status SlotStore::DeriveKey(ByteSpan seed, const ChunkPlace& place, ports::AeadKey& key) {
  const auto attempt = BigEndian(place.attempt);
  const std::array<ByteSpan, 3> info = {
      AsBytes(kLayerKeyLabel), ByteSpan(&place.layer, 1), attempt};
  return HkdfExpand(crypto_, seed, info, key);
}

Status SlotStore::WriteChunk(ByteSpan seed,
                             const ChunkPlace& place,
                             std::uint32_t size,
                             ChunkSpan chunk) {
  const ports::FlashGeometry& geometry = flash_.geometry();
  const std::uint32_t at = ChunkStart(place);
  const MutableByteSpan sealed = chunk.first(size + ports::kAeadTagBytes);
  ports::AeadKey key{};
  STRATA_TRY(DeriveKey(seed, place, key));
  const Aad aad = AadOf(place);
  const Status done = crypto_.Seal(key, NonceOf(place), aad, chunk.first(size), sealed);
  SecureZero(key);
  STRATA_TRY(done);
  const std::size_t padded = *RoundUp<std::size_t>(sealed.size(), geometry.program_unit_bytes);
  std::ranges::fill(chunk.first(padded).subspan(sealed.size()), std::uint8_t{0xFF});
  if (at % geometry.erase_unit_bytes == 0) {
    const std::uint32_t length =
        *RoundUp(static_cast<std::uint32_t>(padded), geometry.erase_unit_bytes);
    STRATA_TRY(flash_.Erase(at, length));
  }
  STRATA_TRY(flash_.Program(at, chunk.first(padded)));
  return flash_.Sync();
}

Status SlotStore::ReadChunk(ByteSpan seed,
                            const ChunkPlace& place,
                            std::uint32_t size,
                            ChunkSpan chunk) {
  const MutableByteSpan sealed = chunk.first(size + ports::kAeadTagBytes);
  if (!flash_.Read(ChunkStart(place), sealed)) {
    return Fail(Code::kStagingCorrupt, Op::kVerifyStaged, place.layer);
  }
  ports::AeadKey key{};
  STRATA_TRY(DeriveKey(seed, place, key));
  const Aad aad = AadOf(place);
  const Status opened = crypto_.Open(key, NonceOf(place), aad, sealed, chunk.first(size));
  SecureZero(key);
  if (!opened && opened.error().code == Code::kStagingCorrupt) {
    return Fail(Code::kStagingCorrupt, Op::kVerifyStaged, place.layer);
  }
  return opened;
}

}  // namespace strata::engine
