// SPDX-License-Identifier: Apache-2.0
#include "journal_state.hpp"

#include <algorithm>
#include <new>

#include "strata/core/secure.hpp"

#include "journal_codec.hpp"

namespace strata::engine {
namespace {

void Wipe(SlotState& slot) {
  SecureZero(slot.seed);
  Clear(slot);
}

void DropUpdate(JournalState& state) {
  if (state.has_update()) {
    Wipe(state.slots[state.update_slot]);
  }
  state.update_slot = kNoSlot;
  state.phase = Phase::kIdle;
}

Status ApplyAccepted(ByteReader& reader, JournalState& state) {
  const auto slot = reader.Take<std::uint8_t>();
  if (slot > 1 || slot == state.current_slot) {
    return kRecordCorrupt;
  }
  SlotState& into = state.slots[slot];
  Wipe(into);
  into.deployment = TakeDeployment(reader);
  into.body_hash = reader.TakeDigest();
  reader.Take(into.seed);
  into.manifest_bytes = reader.Take<std::uint16_t>();
  state.update_slot = slot;
  state.phase = Phase::kFetching;
  return reader.Complete() ? Status() : kRecordCorrupt;
}

Status ApplyAttempt(ByteReader& reader, JournalState& state) {
  const auto slot_index = reader.Take<std::uint8_t>();
  const Piece piece = TakePiece(reader);
  if (!reader.Complete() || slot_index > 1 || piece.layer >= wire::kMaxLayers ||
      !state.slots[slot_index].deployment) {
    return kRecordCorrupt;
  }
  SlotState& slot = state.slots[slot_index];
  const auto begin = slot.pieces.begin();
  const auto end = std::remove_if(begin, begin + slot.piece_count, [&piece](const Piece& old) {
    return old.layer == piece.layer && old.first_chunk >= piece.first_chunk;
  });
  slot.piece_count = static_cast<std::uint8_t>(end - begin);
  if (slot.piece_count == kMaxPieces) {
    return kRecordCorrupt;
  }
  slot.pieces[slot.piece_count++] = piece;
  std::fill(begin + slot.piece_count, slot.pieces.end(), Piece());
  if (slot_index == state.update_slot && state.phase == Phase::kStaged) {
    state.phase = Phase::kFetching;
  }
  return {};
}

Status ApplyLayerSize(ByteReader& reader, JournalState& state) {
  const auto slot = reader.Take<std::uint8_t>();
  const auto layer = reader.Take<std::uint8_t>();
  const auto bytes = reader.Take<std::uint32_t>();
  if (!reader.Complete() || slot > 1 || layer >= wire::kMaxLayers) {
    return kRecordCorrupt;
  }
  state.slots[slot].learnt_bytes[layer] = bytes;
  return {};
}

Status ApplyConclusion(RecordType type, ByteReader& reader, JournalState& state) {
  const Conclusion conclusion = TakeConclusion(reader);
  const auto security_counter = reader.Take<std::uint32_t>();
  if (!reader.Complete()) {
    return kRecordCorrupt;
  }
  state.receipt = conclusion;
  state.receipt_counter = conclusion.counter;
  state.last_error = conclusion.error;
  if (type != RecordType::kConfirmed) {
    state.quarantine =
        Quarantine{conclusion.deployment_id, conclusion.manifest_hash, conclusion.body_hash};
    DropUpdate(state);
    return {};
  }
  if (!state.has_update()) {
    return kRecordCorrupt;
  }
  state.security_counter = std::max(state.security_counter, security_counter);
  state.quarantine.reset();
  if (state.has_current()) {
    Wipe(state.slots[state.current_slot]);
  }
  state.current_slot = state.update_slot;
  state.update_slot = kNoSlot;
  state.phase = Phase::kIdle;
  return {};
}

Status ApplyPhase(Phase from, Phase to, const ByteReader& reader, JournalState& state) {
  if (!reader.Complete() || !state.has_update() || state.phase != from) {
    return kRecordCorrupt;
  }
  state.phase = to;
  return {};
}

Status ApplyReverting(ByteReader& reader, JournalState& state) {
  state.last_error = reader.TakeError();
  if (!reader.Complete() || !state.has_update()) {
    return kRecordCorrupt;
  }
  state.phase = Phase::kReverting;
  return {};
}

// The slot's seed goes with the app: nothing may be brought back from it.
Status ApplyForgotten(const ByteReader& reader, JournalState& state) {
  if (!reader.Complete() || !state.has_current() || state.phase != Phase::kReverting) {
    return kRecordCorrupt;
  }
  Wipe(state.slots[state.current_slot]);
  state.current_slot = kNoSlot;
  state.recovering = false;
  return {};
}

Status ApplyFlag(const ByteReader& reader, bool& flag, bool value) {
  flag = value;
  return reader.Complete() ? Status() : kRecordCorrupt;
}

}  // namespace

void Clear(JournalState& state) {
  new (&state) JournalState();
}

void Clear(SlotState& slot) {
  new (&slot) SlotState();
}

std::uint16_t SlotState::AttemptOf(std::uint8_t layer, std::uint32_t chunk) const {
  std::uint16_t attempt = 0;
  std::uint32_t best = 0;
  for (std::size_t i = 0; i < piece_count; ++i) {
    const Piece& piece = pieces[i];
    if (piece.layer == layer && piece.first_chunk <= chunk && piece.first_chunk >= best) {
      best = piece.first_chunk;
      attempt = piece.attempt;
    }
  }
  return attempt;
}

Piece SlotState::LatestPiece(std::uint8_t layer) const {
  Piece latest{layer, 0, 0};
  for (std::size_t i = 0; i < piece_count; ++i) {
    if (pieces[i].layer == layer && pieces[i].attempt >= latest.attempt) {
      latest = pieces[i];
    }
  }
  return latest;
}

bool SlotState::CanAdd(std::uint8_t layer, std::uint32_t first_chunk) const {
  std::uint32_t layers_with_pieces = 0;
  std::size_t of_layer = 0;
  std::size_t total = 0;
  for (std::size_t i = 0; i < piece_count; ++i) {
    if (pieces[i].layer == layer && pieces[i].first_chunk >= first_chunk) {
      continue;  // replaced by the new one
    }
    of_layer += pieces[i].layer == layer ? 1 : 0;
    layers_with_pieces |= 1U << pieces[i].layer;
    ++total;
  }
  layers_with_pieces |= 1U << layer;
  const auto without =
      wire::kMaxLayers - static_cast<std::size_t>(__builtin_popcount(layers_with_pieces));
  return of_layer < kMaxPiecesPerLayer && total + 1 + without <= kMaxPieces;
}

std::size_t EncodeAcceptance(const Acceptance& acceptance, MutableByteSpan out) {
  ByteWriter writer(out);
  writer.PutU8(acceptance.slot);
  PutDeployment(writer, acceptance.deployment);
  writer.Put(acceptance.body_hash.bytes);
  writer.Put(acceptance.seed);
  writer.PutU16(acceptance.manifest_bytes);
  return writer.size();
}

std::size_t EncodeAttempt(std::uint8_t slot, const Piece& piece, MutableByteSpan out) {
  ByteWriter writer(out);
  writer.PutU8(slot);
  PutPiece(writer, piece);
  return writer.size();
}

std::size_t EncodeLayerSize(std::uint8_t slot,
                            std::uint8_t layer,
                            std::uint32_t bytes,
                            MutableByteSpan out) {
  ByteWriter writer(out);
  writer.PutU8(slot);
  writer.PutU8(layer);
  writer.PutU32(bytes);
  return writer.size();
}

std::size_t EncodeConclusion(const Conclusion& conclusion,
                             std::uint32_t security_counter,
                             MutableByteSpan out) {
  ByteWriter writer(out);
  PutConclusion(writer, conclusion);
  writer.PutU32(security_counter);
  return writer.size();
}

std::size_t EncodeError(const Error& error, MutableByteSpan out) {
  ByteWriter writer(out);
  writer.PutError(error);
  return writer.size();
}

Status ApplyRecord(RecordType type, ByteSpan payload, JournalState& state) {
  ByteReader reader(payload);
  switch (type) {
    case RecordType::kAccepted:
      return ApplyAccepted(reader, state);
    case RecordType::kAttempt:
      return ApplyAttempt(reader, state);
    case RecordType::kLayerSize:
      return ApplyLayerSize(reader, state);
    case RecordType::kStaged:
      return ApplyPhase(Phase::kFetching, Phase::kStaged, reader, state);
    case RecordType::kApplying:
      return ApplyPhase(Phase::kStaged, Phase::kApplying, reader, state);
    case RecordType::kTrial:
      return ApplyPhase(Phase::kApplying, Phase::kTrial, reader, state);
    case RecordType::kConfirmed:
    case RecordType::kReverted:
    case RecordType::kFailed:
      return ApplyConclusion(type, reader, state);
    case RecordType::kReverting:
      return ApplyReverting(reader, state);
    case RecordType::kDropped:
      DropUpdate(state);
      return reader.Complete() ? Status() : kRecordCorrupt;
    case RecordType::kReceiptStored: {
      const auto counter = reader.Take<std::uint64_t>();
      if (state.receipt && state.receipt->counter == counter) {
        state.receipt.reset();
      }
      return reader.Complete() ? Status() : kRecordCorrupt;
    }
    case RecordType::kRestart:
      state.restart_counter = reader.Take<std::uint32_t>();
      return reader.Complete() ? Status() : kRecordCorrupt;
    case RecordType::kBooted:
      state.boot_count = reader.Take<std::uint32_t>();
      return reader.Complete() ? Status() : kRecordCorrupt;
    case RecordType::kRecovering:
      return ApplyFlag(reader, state.recovering, true);
    case RecordType::kRecovered:
      return ApplyFlag(reader, state.recovering, false);
    case RecordType::kForgotten:
      return ApplyForgotten(reader, state);
    case RecordType::kSnapshot:
      break;
  }
  return kRecordCorrupt;
}

}  // namespace strata::engine
