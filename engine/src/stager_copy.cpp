// SPDX-License-Identifier: Apache-2.0
// Stager: layers that are on the device already: in the other slot, or in clear where they run.
#include <algorithm>

#include "stager.hpp"

namespace strata::engine {

// A layer in clear is on the internal medium as it was fetched. Whatever an app or a power cut did
// to it shows in the fetch digest, like a wrong byte of the network.
void Stager::NoteInstalled(const manifest::Layer& layer) {
  if (installed_wrong_ || layer.encrypted_with != KeyId::kNone || layer.fetch_bytes == 0 ||
      layer.placement.medium != Medium::kInternal) {
    return;
  }
  installed_ = Installed{layer.placement.start_bytes, layer.fetch_bytes};
}

void Stager::FindCopy() {
  copy_.reset();
  installed_.reset();
  const std::uint8_t other = slot_ == 0 ? 1 : 0;
  if (slot_ == tools_.journal.state().current_slot) {
    NoteInstalled(Spec());
  }
  // What can't be read there is fetched.
  if (!tools_.journal.state().slots[other].deployment || !FindInSlot(other)) {
    copy_.reset();
  }
  const std::uint32_t limit = FetchLimit(Spec());
  if (copy_ && limit < copy_->fetch_bytes) {
    copy_.reset();
  }
  if (installed_ && limit < installed_->size_bytes) {
    installed_.reset();
  }
}

// False: the manifest of `slot` can't be read.
bool Stager::FindInSlot(std::uint8_t slot) {
  auto layers = tools_.book.Layers(slot);
  if (!layers.ok()) {
    return false;
  }
  for (std::uint32_t i = 0;; ++i) {
    const auto another = layers->Next();
    if (!another.ok() || !*another) {
      return another.ok();
    }
    const manifest::Layer& layer = layers->layer();
    const StagedLayer candidate = tools_.book.StagedAs(slot, i, layer, layers->start());
    if (layer.fetch_digest != Spec().fetch_digest || candidate.fetch_bytes == 0) {
      continue;
    }
    copy_ = candidate;
    if (slot == tools_.journal.state().current_slot) {
      NoteInstalled(layer);
    }
    return true;
  }
}

Progress Stager::CopyStep() {
  const std::uint32_t chunks = ChunkCount(copy_->fetch_bytes);
  if (chunk_ >= chunks) {
    copy_.reset();
    return Progress::More();
  }
  const bool last = chunk_ + 1 == chunks;
  const std::uint32_t size = last ? copy_->fetch_bytes - chunk_ * kChunkBytes : kChunkBytes;
  const ChunkPlace place{.slot = copy_->slot_index,
                         .layer = copy_->layer_index,
                         .attempt = copy_->slot->AttemptOf(copy_->layer_index, chunk_),
                         .index = chunk_,
                         .layer_start = copy_->layer_start,
                         .last = last};
  if (!tools_.store.ReadChunk(copy_->slot->seed, place, size, tools_.buffers.chunk)) {
    copy_.reset();  // what is installed or the network has the same bytes
    return Progress::More();
  }
  return SealCopied(size, last);
}

Progress Stager::InstalledStep() {
  const std::uint32_t at = chunk_ * kChunkBytes;
  if (at >= installed_->size_bytes) {
    installed_.reset();
    return Progress::More();
  }
  const std::uint32_t size = std::min(kChunkBytes, installed_->size_bytes - at);
  const MutableByteSpan plain = MutableByteSpan(tools_.buffers.chunk).first(size);
  if (!tools_.internal.Read(installed_->start_bytes + at, plain)) {
    installed_.reset();
    return Progress::More();
  }
  took_installed_ = true;
  return SealCopied(size, at + size == installed_->size_bytes);
}

Progress Stager::SealCopied(std::uint32_t size, bool last) {
  filled_ = size;
  return last && Spec().fetch_bytes == 0 ? OnUnsizedEnd() : SealFilled(size, last);
}

}  // namespace strata::engine
