// SPDX-License-Identifier: Apache-2.0
// The snapshot's encoding, beside the records' in journal_state.cpp.
#include "journal_codec.hpp"

namespace strata::engine {
namespace {

constexpr std::uint8_t kFlagRecovering = 1;
constexpr std::uint8_t kFlagQuarantine = 2;
constexpr std::uint8_t kFlagReceipt = 4;

std::uint32_t LearntMask(const SlotState& slot) {
  std::uint32_t mask = 0;
  for (std::size_t i = 0; i < wire::kMaxLayers; ++i) {
    mask |= slot.learnt_bytes[i] != 0 ? 1U << i : 0U;
  }
  return mask;
}

void PutSlot(ByteWriter& writer, const SlotState& slot) {
  writer.PutU8(slot.deployment ? 1 : 0);
  if (!slot.deployment) {
    return;
  }
  PutDeployment(writer, *slot.deployment);
  writer.Put(slot.body_hash.bytes);
  writer.Put(slot.seed);
  writer.PutU16(slot.manifest_bytes);
  writer.PutU8(slot.piece_count);
  for (std::size_t i = 0; i < slot.piece_count; ++i) {
    PutPiece(writer, slot.pieces[i]);
  }
  writer.PutU32(LearntMask(slot));
  for (const std::uint32_t bytes : slot.learnt_bytes) {
    if (bytes != 0) {
      writer.PutU32(bytes);
    }
  }
}

Status TakeSlot(ByteReader& reader, SlotState& slot) {
  Clear(slot);
  if (reader.Take<std::uint8_t>() == 0) {
    return {};
  }
  slot.deployment = TakeDeployment(reader);
  slot.body_hash = reader.TakeDigest();
  reader.Take(slot.seed);
  slot.manifest_bytes = reader.Take<std::uint16_t>();
  slot.piece_count = reader.Take<std::uint8_t>();
  if (slot.piece_count > kMaxPieces) {
    return kRecordCorrupt;
  }
  for (std::size_t i = 0; i < slot.piece_count; ++i) {
    slot.pieces[i] = TakePiece(reader);
    if (slot.pieces[i].layer >= wire::kMaxLayers) {
      return kRecordCorrupt;
    }
  }
  const auto mask = reader.Take<std::uint32_t>();
  for (std::size_t i = 0; i < wire::kMaxLayers; ++i) {
    slot.learnt_bytes[i] = (mask & (1U << i)) != 0 ? reader.Take<std::uint32_t>() : 0;
  }
  return reader.ok() ? Status() : kRecordCorrupt;
}

bool SlotsMakeSense(const JournalState& state) {
  const auto valid = [&state](std::uint8_t slot) {
    return slot == kNoSlot || (slot < 2 && state.slots[slot].deployment.has_value());
  };
  const bool update_fits = state.has_update() == (state.phase != Phase::kIdle);
  const bool distinct = !state.has_update() || state.update_slot != state.current_slot;
  return valid(state.current_slot) && valid(state.update_slot) && update_fits && distinct &&
         state.phase <= Phase::kReverting;
}

}  // namespace

std::size_t EncodeSnapshot(const JournalState& state, MutableByteSpan out) {
  ByteWriter writer(out);
  writer.PutU8(static_cast<std::uint8_t>(state.phase));
  const int flags = (state.recovering ? kFlagRecovering : 0) |
                    (state.quarantine ? kFlagQuarantine : 0) | (state.receipt ? kFlagReceipt : 0);
  writer.PutU8(static_cast<std::uint8_t>(flags));
  writer.PutU8(state.current_slot);
  writer.PutU8(state.update_slot);
  writer.PutU32(state.security_counter);
  writer.PutU64(state.receipt_counter);
  writer.PutU32(state.boot_count);
  writer.PutU32(state.restart_counter);
  writer.PutError(state.last_error);
  if (state.quarantine) {
    writer.Put(state.quarantine->deployment_id);
    writer.Put(state.quarantine->manifest_hash.bytes);
    PutOptionalDigest(writer, state.quarantine->body_hash);
  }
  if (state.receipt) {
    PutConclusion(writer, *state.receipt);
  }
  PutSlot(writer, state.slots[0]);
  PutSlot(writer, state.slots[1]);
  return writer.size();
}

Status DecodeSnapshot(ByteSpan in, JournalState& state) {
  ByteReader reader(in);
  Clear(state);
  state.phase = static_cast<Phase>(reader.Take<std::uint8_t>());
  const auto flags = reader.Take<std::uint8_t>();
  state.recovering = (flags & kFlagRecovering) != 0;
  state.current_slot = reader.Take<std::uint8_t>();
  state.update_slot = reader.Take<std::uint8_t>();
  state.security_counter = reader.Take<std::uint32_t>();
  state.receipt_counter = reader.Take<std::uint64_t>();
  state.boot_count = reader.Take<std::uint32_t>();
  state.restart_counter = reader.Take<std::uint32_t>();
  state.last_error = reader.TakeError();
  if ((flags & kFlagQuarantine) != 0) {
    state.quarantine.emplace();
    reader.Take(state.quarantine->deployment_id);
    state.quarantine->manifest_hash = reader.TakeDigest();
    state.quarantine->body_hash = TakeOptionalDigest(reader);
  }
  if ((flags & kFlagReceipt) != 0) {
    state.receipt = TakeConclusion(reader);
  }
  STRATA_TRY(TakeSlot(reader, state.slots[0]));
  STRATA_TRY(TakeSlot(reader, state.slots[1]));
  return reader.Complete() && SlotsMakeSense(state) ? Status() : kRecordCorrupt;
}

}  // namespace strata::engine
