// SPDX-License-Identifier: Apache-2.0
/// Journal: the engine's facts on the on-die secure flash; one writer.
/// Role: makes records durable and finds them again after any cut; decides nothing.
/// Durability: when Append() returns OK the record survives power loss; when it fails the record
/// may or may not be there at the next boot, so the caller must not have acted on it and must not
/// act on it. Two erase units take turns. A boot never appends to a unit that another session
/// wrote: it first writes the state whole into the other one (docs/spec/journal.md says why).
/// Security: the secure flash is trusted; the tag detects torn writes, not attackers.
#pragma once

#include <cstdint>

#include "strata/engine/ports/crypto.hpp"
#include "strata/engine/ports/flash.hpp"

#include "journal_state.hpp"

namespace strata::engine {

inline constexpr std::uint8_t kJournalMagic = 0x4A;
inline constexpr std::uint8_t kJournalVersion = 1;
inline constexpr std::size_t kRecordHeaderBytes = 12;
inline constexpr std::size_t kRecordTagBytes = 8;
inline constexpr std::size_t kMaxProgramUnitBytes = 32;
inline constexpr std::size_t kMaxRecordBytes =
    kRecordHeaderBytes + kMaxRecordPayloadBytes + kRecordTagBytes + kMaxProgramUnitBytes;
/// last_error after a journal that could not be read.
inline constexpr Error kJournalLost = Fail(Code::kJournalCorrupt, Op::kBoot);
inline constexpr std::size_t kMaxSnapshotRecordBytes =
    kRecordHeaderBytes + kMaxSnapshotBytes + kRecordTagBytes + kMaxProgramUnitBytes;
inline constexpr std::size_t kJournalScratchBytes =
    kMaxSnapshotRecordBytes + sizeof(JournalState) + alignof(JournalState);

struct RecordHeader {
  RecordType type = RecordType::kSnapshot;
  std::uint32_t generation = 0;
  std::uint16_t index = 0;
  std::uint16_t length = 0;
};

/// Header, payload and tag into the start of `out`, padded with 0xFF to `program_unit_bytes`;
/// returns how much.
/// * kTooLarge. * kCryptoFailed.
Result<std::size_t> EncodeRecord(ports::Crypto& crypto,
                                 const RecordHeader& header,
                                 ByteSpan payload,
                                 std::uint32_t program_unit_bytes,
                                 MutableByteSpan out);

class Journal {
 public:
  /// The journal occupies two erase units of `secure` from `start`. `scratch` (≥
  /// kJournalScratchBytes; kMaxSnapshotRecordBytes for Load() alone) is used during calls only and
  /// may be shared.
  Journal(ports::Flash& secure, ports::Crypto& crypto, std::uint32_t start, MutableByteSpan scratch)
      : secure_(secure), crypto_(crypto), start_(start), scratch_(scratch) {}

  /// Reads the newest state without changing anything. An erased or never used journal gives the
  /// empty state; a damaged one gives the empty state with last_error kJournalCorrupt.
  /// * kCryptoFailed. * kFlashIo: a whole unit can't be read.
  Status Load();

  /// Load(), then counts the boot and writes the state whole into the other unit. * as Load(). *
  /// kFlashIo.
  Status Open();

  /// Makes the record durable, then applies it to state(). Only after Open(). * kFlashIo: not
  /// durable.
  /// * kCryptoFailed. * kJournalCorrupt: the record makes no sense now (a defect); nothing was
  /// written.
  Status Append(RecordType type, ByteSpan payload);

  [[nodiscard]] const JournalState& state() const { return state_; }

  /// Whether the last Load() or Open() found a journal that it could not read.
  [[nodiscard]] bool was_lost() const { return lost_; }

 private:
  struct Unit {
    bool valid = false;
    bool blank = false;
    std::uint32_t generation = 0;
    std::uint16_t records = 0;
    std::uint32_t end = 0;  ///< where the next record would begin
  };

  [[nodiscard]] std::uint32_t UnitStart(unsigned unit) const;
  Status ReadRetrying(std::uint32_t offset, MutableByteSpan out);
  /// Reads and checks one record into scratch_; ok() false inside: there is none.
  Result<bool> ReadRecord(unsigned unit, std::uint32_t at, RecordHeader& header);
  /// Replays a unit into state_.
  Status Replay(unsigned unit, Unit& found);
  Result<bool> IsBlank(unsigned unit);
  /// Whether the snapshot of `newer`, behind which no whole record stands, may be a torn one, so
  /// that `older` must be believed.
  bool IsUnproved(unsigned unit, const Unit& newer, const Unit& older);
  Status WriteWhole(unsigned unit, std::uint32_t generation);
  Status WriteRecord(RecordType type, ByteSpan payload);
  Status AppendAs(RecordType type, ByteSpan payload, JournalState& next);

  ports::Flash& secure_;
  ports::Crypto& crypto_;
  std::uint32_t start_;
  MutableByteSpan scratch_;
  JournalState state_;
  bool lost_ = false;
  unsigned active_ = 1;
  std::uint32_t generation_ = 0;
  std::uint16_t next_index_ = 0;
  std::uint32_t next_at_ = 0;
};

}  // namespace strata::engine
