// SPDX-License-Identifier: Apache-2.0
/// JournalState: every fact the engine keeps over a power cut, and the records that change it.
/// Role: pure values and their encoding; journal.hpp puts them on flash, the engine decides.
/// Reference: docs/spec/journal.md (a test compares its tables with the constants here).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "strata/core/digest.hpp"
#include "strata/core/result.hpp"
#include "strata/format/wire/wire.hpp"

namespace strata::engine {

inline constexpr std::size_t kSeedBytes = 32;
inline constexpr std::size_t kMaxPieces = 48;         ///< of all layers of a slot
inline constexpr std::size_t kMaxPiecesPerLayer = 8;  ///< decisions: then the layer starts over
inline constexpr std::uint8_t kNoSlot = 0xFF;
inline constexpr std::uint32_t kMaxFirstChunk = 0xFFFFFF;

enum class RecordType : std::uint8_t {
  kSnapshot = 1,
  kAccepted = 2,
  kAttempt = 3,
  kLayerSize = 4,
  kStaged = 5,
  kApplying = 6,
  kTrial = 7,
  kConfirmed = 8,
  kReverting = 9,
  kReverted = 10,
  kFailed = 11,
  kDropped = 12,
  kReceiptStored = 13,
  kRestart = 14,
  kRecovering = 15,
  kRecovered = 16,
  kBooted = 17,
  kForgotten = 18,
};

/// Where the update stands; the states between are found again from these.
enum class Phase : std::uint8_t {
  kIdle = 0,
  kFetching = 1,
  kStaged = 2,
  kApplying = 3,
  kTrial = 4,
  kReverting = 5,
};

/// From `first_chunk` on (until the layer's next piece) chunks are sealed under `attempt`.
/// A layer without a piece is sealed under attempt 0 from its first chunk.
struct Piece {
  std::uint8_t layer = 0;
  std::uint16_t attempt = 0;
  std::uint32_t first_chunk = 0;

  friend bool operator==(const Piece&, const Piece&) = default;
};

struct SlotState {
  std::optional<wire::Deployment>
      deployment;  ///< nullopt: the slot is empty, all else is meaningless
  Digest body_hash;
  std::array<std::uint8_t, kSeedBytes> seed{};
  std::uint16_t manifest_bytes = 0;
  std::array<Piece, kMaxPieces> pieces{};
  std::uint8_t piece_count = 0;
  /// Sizes of layers whose manifest does not tell them, learnt by fetching; 0: not known.
  std::array<std::uint32_t, wire::kMaxLayers> learnt_bytes{};

  [[nodiscard]] std::uint16_t AttemptOf(std::uint8_t layer, std::uint32_t chunk) const;
  /// The newest piece of the layer; {layer, 0, 0} when it has none.
  [[nodiscard]] Piece LatestPiece(std::uint8_t layer) const;
  /// Whether a piece of `layer` from `first_chunk` fits (per layer, and so that each other layer
  /// can still get one).
  [[nodiscard]] bool CanAdd(std::uint8_t layer, std::uint32_t first_chunk) const;

  friend bool operator==(const SlotState&, const SlotState&) = default;
};

/// How a deployment ended: the payload of Confirmed, Reverted and Failed, and the receipt to send.
struct Conclusion {
  wire::Verdict verdict = wire::Verdict::kFailed;
  wire::DeploymentId deployment_id{};
  Digest manifest_hash;
  std::optional<Digest> body_hash;
  Error error;
  std::uint64_t counter = 0;

  friend bool operator==(const Conclusion&, const Conclusion&) = default;
};

struct Quarantine {
  wire::DeploymentId deployment_id{};
  Digest manifest_hash;
  std::optional<Digest> body_hash;

  friend bool operator==(const Quarantine&, const Quarantine&) = default;
};

struct JournalState {
  Phase phase = Phase::kIdle;
  bool recovering = false;  ///< the current app is being written again
  std::uint8_t current_slot = kNoSlot;
  std::uint8_t update_slot = kNoSlot;
  std::array<SlotState, 2> slots{};
  std::uint32_t security_counter = 0;
  std::uint64_t receipt_counter = 0;
  std::uint32_t boot_count = 0;
  std::uint32_t restart_counter = 0;
  Error last_error;
  std::optional<Quarantine> quarantine;
  std::optional<Conclusion> receipt;  ///< to be sent until stored

  [[nodiscard]] bool has_current() const { return current_slot != kNoSlot; }

  [[nodiscard]] bool has_update() const { return update_slot != kNoSlot; }

  friend bool operator==(const JournalState&, const JournalState&) = default;
};

static_assert(std::is_trivially_destructible_v<JournalState>);

/// To what a new device has, in place: a temporary of this size does not belong on a small stack.
void Clear(JournalState& state);
void Clear(SlotState& slot);

inline constexpr std::size_t kMaxSnapshotBytes = 1408;
inline constexpr std::size_t kMaxRecordPayloadBytes = 144;

/// What Accepted says.
struct Acceptance {
  std::uint8_t slot = 0;
  wire::Deployment deployment;
  Digest body_hash;
  std::array<std::uint8_t, kSeedBytes> seed{};
  std::uint16_t manifest_bytes = 0;
};

// Encoders of payloads: fill the start of `out` (≥ kMaxRecordPayloadBytes) and return how much.
std::size_t EncodeAcceptance(const Acceptance& acceptance, MutableByteSpan out);
std::size_t EncodeAttempt(std::uint8_t slot, const Piece& piece, MutableByteSpan out);
std::size_t EncodeLayerSize(std::uint8_t slot,
                            std::uint8_t layer,
                            std::uint32_t bytes,
                            MutableByteSpan out);
std::size_t EncodeConclusion(const Conclusion& conclusion,
                             std::uint32_t security_counter,
                             MutableByteSpan out);
std::size_t EncodeError(const Error& error, MutableByteSpan out);

/// Applies one record. * kJournalCorrupt: the payload has no such form or makes no sense now;
/// `state` is undefined.
Status ApplyRecord(RecordType type, ByteSpan payload, JournalState& state);

/// `out.size()` ≥ kMaxSnapshotBytes.
std::size_t EncodeSnapshot(const JournalState& state, MutableByteSpan out);
/// * kJournalCorrupt.
Status DecodeSnapshot(ByteSpan in, JournalState& state);

}  // namespace strata::engine
