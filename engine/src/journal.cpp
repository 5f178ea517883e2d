// SPDX-License-Identifier: Apache-2.0
#include "journal.hpp"

#include <algorithm>
#include <memory>
#include <new>

#include "strata/core/checked.hpp"
#include "strata/core/secure.hpp"

#include "byte_io.hpp"
#include "digest_of.hpp"

namespace strata::engine {
namespace {

constexpr int kReadTries = 3;

// Sizes are bounded by an erase unit, so this can't overflow.
std::uint32_t PaddedTo(std::uint32_t unit, std::size_t bytes) {
  return *RoundUp(static_cast<std::uint32_t>(bytes), unit);
}

Result<bool> TagMatches(ports::Crypto& crypto, ByteSpan record, ByteSpan tag) {
  const std::array<ByteSpan, 1> parts = {record};
  STRATA_TRY_ASSIGN(const Digest digest, DigestOf(crypto, parts));
  return Equal(ByteSpan(digest.bytes).first(kRecordTagBytes), tag);
}

}  // namespace

Result<std::size_t> EncodeRecord(ports::Crypto& crypto,
                                 const RecordHeader& header,
                                 ByteSpan payload,
                                 std::uint32_t program_unit_bytes,
                                 MutableByteSpan out) {
  const std::size_t plain = kRecordHeaderBytes + payload.size();
  const std::size_t padded = PaddedTo(program_unit_bytes, plain + kRecordTagBytes);
  if (padded > out.size() || payload.size() > 0xFFFF) {
    return Fail(Code::kTooLarge, Op::kJournal);
  }
  // The payload may lie in `out` already; the header is written in front of it without overlap.
  if (!payload.empty()) {
    std::memmove(out.data() + kRecordHeaderBytes, payload.data(), payload.size());
  }
  ByteWriter writer(out);
  writer.PutU8(kJournalMagic);
  writer.PutU8(kJournalVersion);
  writer.PutU8(static_cast<std::uint8_t>(header.type));
  writer.PutU8(0);
  writer.PutU32(header.generation);
  writer.PutU16(header.index);
  writer.PutU16(static_cast<std::uint16_t>(payload.size()));
  const std::array<ByteSpan, 1> parts = {out.first(plain)};
  STRATA_TRY_ASSIGN(const Digest digest, DigestOf(crypto, parts));
  std::copy_n(
      digest.bytes.begin(), kRecordTagBytes, out.begin() + static_cast<std::ptrdiff_t>(plain));
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(plain + kRecordTagBytes),
            out.begin() + static_cast<std::ptrdiff_t>(padded),
            std::uint8_t{0xFF});
  return padded;
}

std::uint32_t Journal::UnitStart(unsigned unit) const {
  return start_ + unit * secure_.geometry().erase_unit_bytes;
}

// One failed read must not look like a torn record: that would forget facts.
Status Journal::ReadRetrying(std::uint32_t offset, MutableByteSpan out) {
  Status read;
  for (int i = 0; i < kReadTries; ++i) {
    read = secure_.Read(offset, out);
    if (read.ok()) {
      return read;
    }
  }
  return read;
}

Result<bool> Journal::ReadRecord(unsigned unit, std::uint32_t at, RecordHeader& header) {
  const std::uint32_t unit_bytes = secure_.geometry().erase_unit_bytes;
  if (at + kRecordHeaderBytes + kRecordTagBytes > unit_bytes) {
    return false;
  }
  std::array<std::uint8_t, kRecordHeaderBytes> head{};
  if (!ReadRetrying(UnitStart(unit) + at, head)) {
    return false;
  }
  ByteReader reader(head);
  const auto magic = reader.Take<std::uint8_t>();
  const auto version = reader.Take<std::uint8_t>();
  header.type = static_cast<RecordType>(reader.Take<std::uint8_t>());
  const auto reserved = reader.Take<std::uint8_t>();
  header.generation = reader.Take<std::uint32_t>();
  header.index = reader.Take<std::uint16_t>();
  header.length = reader.Take<std::uint16_t>();
  const std::size_t total = kRecordHeaderBytes + header.length + kRecordTagBytes;
  if (magic != kJournalMagic || version != kJournalVersion || reserved != 0 ||
      total > scratch_.size() || total > unit_bytes - at) {
    return false;
  }
  const MutableByteSpan record = scratch_.first(total);
  if (!ReadRetrying(UnitStart(unit) + at, record) ||
      !Equal(record.first(kRecordHeaderBytes), head)) {
    return false;
  }
  return TagMatches(crypto_, record.first(total - kRecordTagBytes), record.last(kRecordTagBytes));
}

Status Journal::Replay(unsigned unit, Unit& found) {
  found = Unit();
  Clear(state_);
  const std::uint32_t program = secure_.geometry().program_unit_bytes;
  std::uint32_t at = 0;
  for (std::uint32_t index = 0; index <= 0xFFFF; ++index) {
    RecordHeader header;
    STRATA_TRY_ASSIGN(const bool whole, ReadRecord(unit, at, header));
    const bool snapshot = header.type == RecordType::kSnapshot;
    if (!whole || header.index != index || snapshot != (index == 0) ||
        (index > 0 && header.generation != found.generation)) {
      break;
    }
    const ByteSpan payload = scratch_.subspan(kRecordHeaderBytes, header.length);
    const Status applied =
        index == 0 ? DecodeSnapshot(payload, state_) : ApplyRecord(header.type, payload, state_);
    if (!applied) {
      found.valid = false;
      break;
    }
    found.valid = true;
    found.generation = header.generation;
    found.records = static_cast<std::uint16_t>(index);
    at += PaddedTo(program, kRecordHeaderBytes + header.length + kRecordTagBytes);
    found.end = at;
  }
  if (!found.valid) {
    Clear(state_);
  }
  return {};
}

Result<bool> Journal::IsBlank(unsigned unit) {
  const ports::FlashGeometry& geometry = secure_.geometry();
  for (std::uint32_t done = 0; done < geometry.erase_unit_bytes;) {
    const std::size_t piece =
        std::min<std::size_t>(scratch_.size(), geometry.erase_unit_bytes - done);
    const MutableByteSpan bytes = scratch_.first(piece);
    if (!ReadRetrying(UnitStart(unit) + done, bytes)) {
      return false;
    }
    if (std::any_of(bytes.begin(), bytes.end(), [&geometry](std::uint8_t byte) {
          return byte != geometry.erased_value;
        })) {
      return false;
    }
    done += static_cast<std::uint32_t>(piece);
  }
  return true;
}

// A snapshot without a record after it may be a torn one that reads well once; the unit before it
// says the same and was complete when the snapshot was begun. But where a record was begun behind
// it, the snapshot was complete, and the older unit may be one that a boot, believing that record,
// began to erase.
bool Journal::IsUnproved(unsigned unit, const Unit& newer, const Unit& older) {
  if (newer.records != 0 || !older.valid || older.generation + 1 != newer.generation) {
    return false;
  }
  const ports::FlashGeometry& geometry = secure_.geometry();
  std::array<std::uint8_t, kMaxProgramUnitBytes> behind{};
  const MutableByteSpan place = MutableByteSpan(behind).first(
      std::min<std::size_t>(behind.size(), geometry.erase_unit_bytes - newer.end));
  return ReadRetrying(UnitStart(unit) + newer.end, place).ok() &&
         std::all_of(place.begin(), place.end(), [&geometry](std::uint8_t byte) {
           return byte == geometry.erased_value;
         });
}

Status Journal::Load() {
  lost_ = false;
  std::array<Unit, 2> units;
  STRATA_TRY(Replay(0, units[0]));
  STRATA_TRY(Replay(1, units[1]));
  const unsigned newer =
      units[1].valid && (!units[0].valid || units[1].generation > units[0].generation);
  const unsigned older = 1 - newer;
  if (!units[newer].valid) {
    STRATA_TRY_ASSIGN(const bool blank0, IsBlank(0));
    STRATA_TRY_ASSIGN(const bool blank1, IsBlank(1));
    Clear(state_);
    lost_ = !blank0 && !blank1;
    if (lost_) {
      state_.last_error = kJournalLost;
    }
    active_ = 1;
    generation_ = 0;
    return {};
  }
  const bool unproved = IsUnproved(newer, units[newer], units[older]);
  active_ = unproved ? older : newer;
  generation_ = units[active_].generation;
  Unit again;
  STRATA_TRY(Replay(active_, again));
  // What read well a moment ago no longer does: the flash needs another try, not a new life.
  return again.valid ? Status() : Fail(Code::kFlashIo, Op::kJournal);
}

Status Journal::Open() {
  STRATA_TRY(Load());
  STRATA_TRY(WriteWhole(1 - active_, generation_ + 1));
  return Append(RecordType::kBooted, BigEndian(state_.boot_count + 1));
}

Status Journal::WriteWhole(unsigned unit, std::uint32_t generation) {
  const ports::FlashGeometry& geometry = secure_.geometry();
  STRATA_TRY(secure_.Erase(UnitStart(unit), geometry.erase_unit_bytes));
  const std::size_t length = EncodeSnapshot(state_, scratch_.subspan(kRecordHeaderBytes));
  const RecordHeader header{RecordType::kSnapshot, generation, 0, 0};
  STRATA_TRY_ASSIGN(const std::size_t size,
                    EncodeRecord(crypto_,
                                 header,
                                 scratch_.subspan(kRecordHeaderBytes, length),
                                 geometry.program_unit_bytes,
                                 scratch_));
  if (size > geometry.erase_unit_bytes) {
    return Fail(Code::kJournalFull, Op::kJournal);
  }
  STRATA_TRY(secure_.Program(UnitStart(unit), scratch_.first(size)));
  STRATA_TRY(secure_.Sync());
  active_ = unit;
  generation_ = generation;
  next_index_ = 1;
  next_at_ = static_cast<std::uint32_t>(size);
  return {};
}

// The state after the record is made beside the one before it, which a change of units still needs:
// in the scratch, because it is the largest thing that would stand on the stack.
Status Journal::Append(RecordType type, ByteSpan payload) {
  const MutableByteSpan room =
      scratch_.subspan(kMaxSnapshotRecordBytes, sizeof(JournalState) + alignof(JournalState));
  void* place = room.data();
  std::size_t space = room.size();
  auto& next = *new (std::align(alignof(JournalState), sizeof(JournalState), place, space))
                   JournalState(state_);
  const Status appended = AppendAs(type, payload, next);
  SecureZero(room);
  return appended;
}

Status Journal::AppendAs(RecordType type, ByteSpan payload, JournalState& next) {
  STRATA_TRY(ApplyRecord(type, payload, next));
  if (!WriteRecord(type, payload)) {
    // No room, or a place that can't be programmed again before an erase. The record comes after
    // the snapshot, never inside it: a snapshot that nothing follows is not believed over the unit
    // it was made from.
    STRATA_TRY(WriteWhole(1 - active_, generation_ + 1));
    STRATA_TRY(WriteRecord(type, payload));
  }
  state_ = next;
  return {};
}

Status Journal::WriteRecord(RecordType type, ByteSpan payload) {
  const ports::FlashGeometry& geometry = secure_.geometry();
  std::array<std::uint8_t, kMaxRecordBytes> record{};
  const RecordHeader header{type, generation_, next_index_, 0};
  STRATA_TRY_ASSIGN(const std::size_t size,
                    EncodeRecord(crypto_, header, payload, geometry.program_unit_bytes, record));
  if (next_at_ + size > geometry.erase_unit_bytes || next_index_ == 0xFFFF) {
    return Fail(Code::kJournalFull, Op::kJournal);
  }
  const std::uint32_t at = next_at_;
  next_at_ = geometry.erase_unit_bytes;  // stays so if this fails: the place is in any state
  STRATA_TRY(secure_.Program(UnitStart(active_) + at, ByteSpan(record).first(size)));
  STRATA_TRY(secure_.Sync());
  ++next_index_;
  next_at_ = at + static_cast<std::uint32_t>(size);
  return {};
}

}  // namespace strata::engine
