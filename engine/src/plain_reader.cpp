// SPDX-License-Identifier: Apache-2.0
#include "plain_reader.hpp"

#include <algorithm>

namespace strata::engine {
namespace {

constexpr Error kEncodingInvalid = Fail(Code::kLayerEncodingInvalid, Op::kDecrypt);

}  // namespace

Status StagedReader::Start(const StagedLayer& layer) {
  layer_ = layer;
  next_chunk_ = 0;
  return hash_.Start();
}

Result<ByteSpan> StagedReader::Next() {
  const std::uint32_t chunks = ChunkCount(layer_.fetch_bytes);
  if (next_chunk_ == chunks) {
    return ByteSpan();
  }
  const bool last = next_chunk_ + 1 == chunks;
  const std::uint32_t size = last ? layer_.fetch_bytes - next_chunk_ * kChunkBytes : kChunkBytes;
  const ChunkPlace place{.slot = layer_.slot_index,
                         .layer = layer_.layer_index,
                         .attempt = layer_.slot->AttemptOf(layer_.layer_index, next_chunk_),
                         .index = next_chunk_,
                         .layer_start = layer_.layer_start,
                         .last = last};
  STRATA_TRY(store_.ReadChunk(layer_.slot->seed, place, size, buffers_.chunk));
  const ByteSpan plain = ByteSpan(buffers_.chunk).first(size);
  STRATA_TRY(hash_.Update(plain));
  ++next_chunk_;
  return plain;
}

Status PlainReader::Start(const StagedLayer& layer, const manifest::Layer& spec) {
  spec_ = spec;
  pending_ = {};
  remaining_ = layer.fetch_bytes;
  assembled_ = 0;
  chunk_bytes_ = 0;
  return staged_.Start(layer);
}

Result<ByteSpan> PlainReader::Next() {
  return spec_.encrypted_with == KeyId::kNone ? staged_.Next() : NextEncrypted();
}

Status PlainReader::Assemble(std::uint32_t size) {
  while (assembled_ < size) {
    if (pending_.empty()) {
      STRATA_TRY_ASSIGN(pending_, staged_.Next());
      if (pending_.empty()) {
        return kEncodingInvalid;
      }
    }
    const std::size_t piece = std::min<std::size_t>(pending_.size(), size - assembled_);
    std::memcpy(buffers_.scratch.data() + assembled_, pending_.data(), piece);
    assembled_ += static_cast<std::uint32_t>(piece);
    remaining_ -= static_cast<std::uint32_t>(piece);
    pending_ = pending_.subspan(piece);
  }
  return {};
}

Status PlainReader::ReadHeader() {
  STRATA_TRY(Assemble(kHpkeHeaderBytes));
  PublicKey enc{};
  std::copy_n(buffers_.scratch.begin(), enc.size(), enc.begin());
  const auto chunk_bytes =
      LoadBigEndian<std::uint32_t>(ByteSpan(buffers_.scratch).subspan(enc.size()));
  if (chunk_bytes == 0 || chunk_bytes > kMaxHpkeChunkBytes) {
    return kEncodingInvalid;
  }
  STRATA_TRY(hpke_.Setup(
      keys_, spec_.encrypted_with, enc, LayerInfo(spec_.encrypted_with, spec_.placement)));
  chunk_bytes_ = chunk_bytes;
  return {};
}

Result<ByteSpan> PlainReader::NextEncrypted() {
  if (chunk_bytes_ == 0) {
    STRATA_TRY(ReadHeader());
    if (remaining_ == 0) {
      return kEncodingInvalid;
    }
  }
  if (remaining_ == 0) {
    // The fetch digest covers the whole layer, so the reader below must reach its end too.
    STRATA_TRY_ASSIGN(const ByteSpan end, staged_.Next());
    return end.empty() ? Result<ByteSpan>(end) : kEncodingInvalid;
  }
  constexpr std::uint32_t kTag = ports::kAeadTagBytes;
  const std::uint32_t size = std::min(chunk_bytes_ + kTag, remaining_);
  if (size <= kTag) {
    return kEncodingInvalid;
  }
  assembled_ = 0;
  STRATA_TRY(Assemble(size));
  const std::uint8_t last = remaining_ == 0 ? 1 : 0;
  const MutableByteSpan sealed = MutableByteSpan(buffers_.scratch).first(size);
  const MutableByteSpan plain = sealed.first(size - kTag);
  STRATA_TRY(hpke_.OpenNext(ByteSpan(&last, 1), sealed, plain));
  return ByteSpan(plain);
}

}  // namespace strata::engine
