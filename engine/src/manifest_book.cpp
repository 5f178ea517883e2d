// SPDX-License-Identifier: Apache-2.0
#include "manifest_book.hpp"

#include "manifest_check.hpp"

namespace strata::engine {
namespace {

// It is read again for each layer: one failed read must not look like a lost manifest.
constexpr int kReadTries = 3;

}  // namespace

Result<bool> SlotLayers::Next() {
  STRATA_TRY_ASSIGN(const bool another, reader_.Next(layer_));
  if (another) {
    STRATA_TRY_ASSIGN(start_, layout_.Add(layer_));
  }
  return another;
}

Result<manifest::VerifiedManifest> ManifestBook::Read(std::uint8_t slot) {
  if (slot > 1 || !journal_.state().slots[slot].deployment) {
    return Fail(Code::kNotFound, Op::kVerifyStaged);
  }
  const SlotState& state = journal_.state().slots[slot];
  if (state.manifest_bytes == 0 || state.manifest_bytes > manifest::kMaxManifestBytes) {
    return Fail(Code::kStagingCorrupt, Op::kVerifyStaged);
  }
  const MutableByteSpan bytes = MutableByteSpan(buffers_.scratch).first(state.manifest_bytes);
  Status read;
  for (int i = 0; i < kReadTries; ++i) {
    read = store_.ReadManifest(slot, state.deployment->manifest_hash, bytes);
    if (read.ok()) {
      return Trust(bytes);
    }
  }
  return read.error().code == Code::kCryptoFailed ? read.error()
                                                  : Fail(Code::kStagingCorrupt, Op::kVerifyStaged);
}

Result<SlotLayers> ManifestBook::Layers(std::uint8_t slot) {
  STRATA_TRY_ASSIGN(const manifest::VerifiedManifest manifest, Read(slot));
  return SlotLayers(manifest, store_.Layout());
}

Status ManifestBook::Load(std::uint8_t slot, std::uint32_t index) {
  if (slot > 1 || !journal_.state().slots[slot].deployment) {
    return Fail(Code::kNotFound, Op::kVerifyStaged);
  }
  const Digest& hash = journal_.state().slots[slot].deployment->manifest_hash;
  const bool same = slot == loaded_ && hash == loaded_hash_;
  if (same && (index == layer_index_ || index >= app_.layer_count)) {
    return {};
  }
  Forget();
  STRATA_TRY(LoadAnew(slot, index));
  loaded_ = slot;
  loaded_hash_ = hash;
  return {};
}

Status ManifestBook::LoadAnew(std::uint8_t slot, std::uint32_t index) {
  STRATA_TRY_ASSIGN(const manifest::VerifiedManifest manifest, Read(slot));
  STRATA_TRY(manifest::DecodePolicy(manifest, app_));
  layer_index_ = kNoLayer;
  SlotLayers layers(manifest, store_.Layout());
  for (std::uint32_t at = 0; at <= index; ++at) {
    STRATA_TRY_ASSIGN(const bool another, layers.Next());
    if (!another) {
      return {};
    }
    layer_ = layers.layer();
    layer_start_ = layers.start();
    layer_index_ = at;
  }
  return {};
}

StagedLayer ManifestBook::StagedAs(std::uint8_t slot,
                                   std::uint32_t index,
                                   const manifest::Layer& layer,
                                   std::uint32_t start) const {
  const SlotState& state = journal_.state().slots[slot];
  return {.slot = &state,
          .slot_index = slot,
          .layer_index = static_cast<std::uint8_t>(index),
          .layer_start = start,
          .fetch_bytes = layer.fetch_bytes != 0 ? layer.fetch_bytes : state.learnt_bytes[index]};
}

}  // namespace strata::engine
