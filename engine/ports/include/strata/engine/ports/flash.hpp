// SPDX-License-Identifier: Apache-2.0
/// Flash: one flash medium with NOR rules, as the engine sees it.
/// Role: moves bytes and keeps the rules; knows nothing of what the bytes mean. Checks are done
/// once, here (public functions), so that an implementation supplies only the private ones.
/// Context: single caller; may block for the time of one operation; never call from an ISR.
/// Power loss: a Program or an Erase that is cut short leaves the units it touched in any state,
/// also one that reads differently each time; units it did not touch are unchanged. Everything
/// completed before a Sync() that returned OK survives; on NOR hardware every completed operation
/// does. Reference: docs/spec/flash.md.
#pragma once

#include <cstdint>

#include "strata/core/bytes.hpp"
#include "strata/core/result.hpp"

namespace strata::ports {

/// All in bytes. Nothing in the engine assumes one value.
struct FlashGeometry {
  std::uint32_t size_bytes = 0;
  std::uint32_t program_unit_bytes =
      0;                               ///< programming starts and ends on multiples; once per erase
  std::uint32_t erase_unit_bytes = 0;  ///< a multiple of program_unit_bytes
  std::uint8_t erased_value = 0xFF;
};

class Flash {
 public:
  virtual ~Flash() = default;
  Flash(const Flash&) = delete;
  Flash& operator=(const Flash&) = delete;

  [[nodiscard]] const FlashGeometry& geometry() const { return geometry_; }

  /// Fills `out` from `offset`, which need not be aligned.
  /// * kFlashOutOfBounds: [offset, offset + out.size()) leaves the medium; nothing was read.
  /// * kFlashIo: the hardware can't read there (for example a torn unit); `out` is undefined.
  Status Read(std::uint32_t offset, MutableByteSpan out);

  /// Programs `data` at `offset`, both multiples of the program unit, over erased units.
  /// * kFlashOutOfBounds, kFlashUnaligned: nothing was done.
  /// * kFlashNotErased: a unit was not erased; reported by implementations that can tell.
  /// * kFlashIo: the units of this call are in any state.
  Status Program(std::uint32_t offset, ByteSpan data);

  /// Erases [offset, offset + length), both multiples of the erase unit, one unit after the other.
  /// * kFlashOutOfBounds, kFlashUnaligned: nothing was done.
  /// * kFlashIo: the units of this call are in any state.
  Status Erase(std::uint32_t offset, std::uint32_t length);

  /// Returns when everything before it is durable. * kFlashIo: durability is unknown.
  Status Sync() { return DoSync(); }

 protected:
  explicit Flash(const FlashGeometry& geometry) : geometry_(geometry) {}

 private:
  virtual Status DoRead(std::uint32_t offset, MutableByteSpan out) = 0;
  virtual Status DoProgram(std::uint32_t offset, ByteSpan data) = 0;
  virtual Status DoEraseUnit(std::uint32_t offset) = 0;
  virtual Status DoSync() = 0;

  [[nodiscard]] bool InBounds(std::uint32_t offset, std::size_t length) const;

  FlashGeometry geometry_;
};

}  // namespace strata::ports
