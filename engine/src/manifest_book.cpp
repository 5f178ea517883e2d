// SPDX-License-Identifier: Apache-2.0
#include "manifest_book.hpp"

#include "manifest_check.hpp"

namespace strata::engine {

Result<const manifest::AppManifest*> ManifestBook::Load(std::uint8_t slot) {
  if (slot > 1 || !journal_.state().slots[slot].deployment) {
    return Fail(Code::kNotFound, Op::kVerifyStaged);
  }
  const SlotState& state = journal_.state().slots[slot];
  const Digest& hash = state.deployment->manifest_hash;
  if (loaded_ == slot && loaded_hash_ == hash) {
    return &app_;
  }
  Forget();
  if (state.manifest_bytes == 0 || state.manifest_bytes > manifest::kMaxManifestBytes) {
    return Fail(Code::kStagingCorrupt, Op::kVerifyStaged);
  }
  const MutableByteSpan bytes = MutableByteSpan(buffers_.scratch).first(state.manifest_bytes);
  if (const Status read = store_.ReadManifest(slot, hash, bytes); !read) {
    return read.error().code == Code::kCryptoFailed
               ? read.error()
               : Fail(Code::kStagingCorrupt, Op::kVerifyStaged);
  }
  STRATA_TRY(DecodeTrusted(bytes, app_));
  STRATA_TRY_ASSIGN(layout_, SlotLayout::For(app_, store_.erase_unit_bytes(), store_.slot_bytes()));
  loaded_ = slot;
  loaded_hash_ = hash;
  return &app_;
}

StagedLayer ManifestBook::LayerOf(std::uint32_t index) const {
  const SlotState& slot = journal_.state().slots[loaded_];
  const std::uint32_t signed_size = app_.layers()[index].fetch_bytes;
  return {.slot = &slot,
          .slot_index = loaded_,
          .layer_index = static_cast<std::uint8_t>(index),
          .layer_start = layout_.start[index],
          .fetch_bytes = signed_size != 0 ? signed_size : slot.learnt_bytes[index]};
}

}  // namespace strata::engine
