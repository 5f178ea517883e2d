// SPDX-License-Identifier: Apache-2.0
#include "strata/sim/sim_flash.hpp"

#include <algorithm>

#include "strata/sim/panic.hpp"

namespace strata::sim {

SimFlash::SimFlash(std::string name, const ports::FlashGeometry& geometry, Power& power)
    : Flash(geometry), name_(std::move(name)), power_(power) {
  image_.bytes.assign(geometry.size_bytes, geometry.erased_value);
  image_.units.assign(geometry.size_bytes / geometry.program_unit_bytes, kErased);
  image_.before = image_.bytes;
}

bool SimFlash::IsTorn(std::uint32_t offset, std::uint32_t size) const {
  const std::uint32_t unit_bytes = geometry().program_unit_bytes;
  const auto begin = image_.units.begin() + offset / unit_bytes;
  return std::any_of(
      begin, begin + size / unit_bytes, [](std::uint8_t state) { return state > kProgrammed; });
}

bool SimFlash::FailsNow() {
  ++calls_;
  if (fail_in_ < 0) {
    return false;
  }
  return fail_in_-- == 0;
}

Status SimFlash::DoRead(std::uint32_t offset, MutableByteSpan out) {
  if (!power_.alive() || FailsNow()) {
    return Fail(Code::kFlashIo, Op::kNone, offset);
  }
  const std::uint32_t unit_bytes = geometry().program_unit_bytes;
  std::copy_n(image_.bytes.begin() + offset, out.size(), out.begin());
  for (std::uint32_t at = offset; at < offset + out.size();) {
    const std::uint32_t unit = at / unit_bytes;
    const std::uint32_t end = std::min<std::uint32_t>(
        (unit + 1) * unit_bytes, offset + static_cast<std::uint32_t>(out.size()));
    const std::uint8_t state = image_.units[unit];
    if (state == kTornError) {
      return Fail(Code::kFlashIo, Op::kNone, at);
    }
    for (std::uint32_t i = at; i < end && state == kTornWild; ++i) {
      const auto mask = static_cast<std::uint8_t>(Random());
      out[i - offset] =
          static_cast<std::uint8_t>((image_.bytes[i] & mask) | (image_.before[i] & ~mask));
    }
    if (state == kTornFading && Random() % 4 == 0) {
      image_.units[unit] = kTornWild;
    }
    at = end;
  }
  return {};
}

// `wanted` is what the unit would hold had the operation ended. A fading unit reads as done, or as
// untouched, at first.
void SimFlash::Tear(std::uint32_t unit, ByteSpan wanted, UnitState state, bool looks_untouched) {
  const std::uint32_t start = unit * geometry().program_unit_bytes;
  for (std::uint32_t i = 0; i < wanted.size(); ++i) {
    const std::uint8_t old = image_.bytes[start + i];
    const auto mask = static_cast<std::uint8_t>(Random());
    const auto mix = static_cast<std::uint8_t>((wanted[i] & mask) | (old & ~mask));
    image_.before[start + i] = looks_untouched ? wanted[i] : old;
    image_.bytes[start + i] = state == kTornStable ? mix : (looks_untouched ? old : wanted[i]);
  }
  image_.units[unit] = state;
}

SimFlash::UnitState SimFlash::AnyTorn() {
  constexpr UnitState kStates[] = {kTornStable, kTornWild, kTornError, kTornFading};
  return kStates[Random() % 4];
}

// A prefix is whole, one unit is torn, the rest was not reached (but can't be told from torn by
// reading).
void SimFlash::TearProgram(std::uint32_t offset, ByteSpan data) {
  const std::uint32_t unit_bytes = geometry().program_unit_bytes;
  const auto units = static_cast<std::uint32_t>(data.size()) / unit_bytes;
  const auto torn = static_cast<std::uint32_t>(Random() % units);
  std::copy_n(data.begin(), torn * unit_bytes, image_.bytes.begin() + offset);
  std::fill_n(image_.units.begin() + offset / unit_bytes, torn, std::uint8_t{kProgrammed});
  Tear(offset / unit_bytes + torn,
       data.subspan(std::size_t{torn} * unit_bytes, unit_bytes),
       AnyTorn(),
       Random() % 2 == 0);
}

void SimFlash::TearErase(std::uint32_t offset) {
  const std::uint32_t unit_bytes = geometry().program_unit_bytes;
  const std::vector<std::uint8_t> erased(unit_bytes, geometry().erased_value);
  const bool uniform = Random() % 2 == 0;
  const bool untouched = Random() % 2 == 0;
  UnitState state = AnyTorn();
  for (std::uint32_t at = offset; at < offset + geometry().erase_unit_bytes; at += unit_bytes) {
    state = uniform ? state : AnyTorn();
    Tear(at / unit_bytes, erased, state, uniform ? untouched : Random() % 2 == 0);
  }
}

Status SimFlash::DoProgram(std::uint32_t offset, ByteSpan data) {
  const std::uint32_t unit_bytes = geometry().program_unit_bytes;
  if (!power_.alive()) {
    return Fail(Code::kFlashIo, Op::kNone, offset);
  }
  for (std::uint32_t at = 0; at < data.size(); at += unit_bytes) {
    if (image_.units[(offset + at) / unit_bytes] != kErased) {
      if (!panics_) {
        return Fail(Code::kFlashNotErased, Op::kNone, offset + at);
      }
      Panic(name_ + ": a unit is programmed twice at offset " + std::to_string(offset + at));
    }
  }
  if (guard_) {
    guard_(offset, data);
  }
  const bool fails = FailsNow();
  const Power::Fate fate = power_.NextOperation();
  if (fate == Power::Fate::kTorn || (fails && fate == Power::Fate::kWhole)) {
    TearProgram(offset, data);
  }
  if (fate != Power::Fate::kWhole || fails) {
    return Fail(Code::kFlashIo, Op::kNone, offset);
  }
  for (std::size_t i = 0; i < data.size(); ++i) {
    image_.bytes[offset + i] &= data[i];
  }
  std::fill_n(image_.units.begin() + offset / unit_bytes,
              data.size() / unit_bytes,
              std::uint8_t{kProgrammed});
  wear_.programmed_units += data.size() / unit_bytes;
  power_.OperationDone();
  return power_.alive() ? Status() : Fail(Code::kFlashIo, Op::kNone, offset);
}

Status SimFlash::DoEraseUnit(std::uint32_t offset) {
  if (!power_.alive()) {
    return Fail(Code::kFlashIo, Op::kNone, offset);
  }
  const bool fails = FailsNow();
  const Power::Fate fate = power_.NextOperation();
  if (fate == Power::Fate::kTorn || (fails && fate == Power::Fate::kWhole)) {
    TearErase(offset);
  }
  if (fate != Power::Fate::kWhole || fails) {
    return Fail(Code::kFlashIo, Op::kNone, offset);
  }
  const std::uint32_t size = geometry().erase_unit_bytes;
  std::fill_n(image_.bytes.begin() + offset, size, geometry().erased_value);
  std::fill_n(image_.units.begin() + offset / geometry().program_unit_bytes,
              size / geometry().program_unit_bytes,
              std::uint8_t{kErased});
  ++wear_.erased_units;
  power_.OperationDone();
  return power_.alive() ? Status() : Fail(Code::kFlashIo, Op::kNone, offset);
}

Status SimFlash::DoSync() {
  const bool fails = FailsNow();
  return power_.alive() && !fails ? Status() : Fail(Code::kFlashIo);
}

}  // namespace strata::sim
