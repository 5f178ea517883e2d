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
  changed_.assign(geometry.size_bytes / geometry.erase_unit_bytes, true);
}

void SimFlash::Load(const Image& image) {
  image_ = image;
  changed_.assign(changed_.size(), true);
}

void SimFlash::Corrupt(std::uint32_t offset, std::uint8_t mask) {
  image_.bytes[offset] ^= mask;
  Changed(offset, 1);
}

void SimFlash::Changed(std::uint32_t offset, std::size_t size) {
  const std::uint32_t unit = geometry().erase_unit_bytes;
  const std::size_t last = (offset + size - 1) / unit;
  for (std::size_t i = offset / unit; i <= last; ++i) {
    changed_[i] = true;
  }
}

void SimFlash::VisitChanged(std::uint32_t from,
                            std::uint32_t margin,
                            const std::function<void(std::uint32_t offset, ByteSpan bytes)>& look) {
  const std::uint32_t unit = geometry().erase_unit_bytes;
  const std::uint32_t end = geometry().size_bytes;
  for (std::uint32_t at = from / unit * unit; at < end; at += unit) {
    if (!changed_[at / unit]) {
      continue;
    }
    changed_[at / unit] = false;
    const std::uint32_t first = std::max(from, at - std::min(at, margin));
    const std::uint32_t last = std::min(end, at + unit + margin);
    look(first, ByteSpan(image_.bytes).subspan(first, last - first));
  }
}

bool SimFlash::IsTorn(std::uint32_t offset, std::uint32_t size) const {
  const std::uint32_t unit_bytes = geometry().program_unit_bytes;
  const auto begin = image_.units.begin() + offset / unit_bytes;
  return std::any_of(
      begin, begin + size / unit_bytes, [](std::uint8_t state) { return state > kProgrammed; });
}

// A call that fails by itself leaves what a cut in it would leave.
Power::Fate SimFlash::NextFate() {
  const std::uint64_t call = faults_.calls();
  const bool fails = faults_.FailsNow();
  const Power::Fate fate = power_.NextOperation(name_);
  if (!fails || fate != Power::Fate::kWhole) {
    return fate;
  }
  power_.Reseed(~call);
  return Power::Fate::kTorn;
}

Status SimFlash::DoRead(std::uint32_t offset, MutableByteSpan out) {
  if (!power_.alive() || faults_.FailsNow()) {
    return Fail(Code::kFlashIo, Op::kNone, offset);
  }
  const std::uint32_t unit_bytes = geometry().program_unit_bytes;
  std::copy_n(image_.bytes.begin() + offset, out.size(), out.begin());
  const auto first = image_.units.begin() + offset / unit_bytes;
  const auto last = image_.units.begin() +
                    static_cast<std::ptrdiff_t>((offset + out.size() - 1) / unit_bytes + 1);
  if (*std::max_element(first, last) <= kProgrammed) {
    return {};
  }
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
// reading). First and last unit are torn more often than others: they make the whole look
// untouched, or done.
void SimFlash::TearProgram(std::uint32_t offset, ByteSpan data, Power::Fate fate) {
  const std::uint32_t unit_bytes = geometry().program_unit_bytes;
  const auto units = static_cast<std::uint32_t>(data.size()) / unit_bytes;
  const auto any = static_cast<std::uint32_t>(Random() % units);
  const std::uint32_t places[] = {any, any, 0, units - 1};
  std::uint32_t torn = places[Random() % 4];
  UnitState state = AnyTorn();
  bool looks_untouched = Random() % 2 == 0;
  if (fate != Power::Fate::kTorn) {
    looks_untouched = fate == Power::Fate::kSeemsUndone;
    torn = looks_untouched ? 0 : units - 1;
    state = kTornFading;
  }
  std::copy_n(data.begin(), torn * unit_bytes, image_.bytes.begin() + offset);
  std::fill_n(image_.units.begin() + offset / unit_bytes, torn, std::uint8_t{kProgrammed});
  Tear(offset / unit_bytes + torn,
       data.subspan(std::size_t{torn} * unit_bytes, unit_bytes),
       state,
       looks_untouched);
}

void SimFlash::TearErase(std::uint32_t offset, Power::Fate fate) {
  const std::uint32_t unit_bytes = geometry().program_unit_bytes;
  const std::vector<std::uint8_t> erased(unit_bytes, geometry().erased_value);
  const bool seems = fate != Power::Fate::kTorn;
  const bool uniform = Random() % 2 == 0 || seems;
  const bool untouched = seems ? fate == Power::Fate::kSeemsUndone : Random() % 2 == 0;
  UnitState state = seems ? kTornFading : AnyTorn();
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
  Changed(offset, data.size());
  const Power::Fate fate = NextFate();
  if (fate != Power::Fate::kWhole) {
    if (fate != Power::Fate::kNothing) {
      TearProgram(offset, data, fate);
    }
    return Fail(Code::kFlashIo, Op::kNone, offset);
  }
  for (std::size_t i = 0; i < data.size(); ++i) {
    image_.bytes[offset + i] &= data[i];
  }
  std::fill_n(image_.units.begin() + offset / unit_bytes,
              data.size() / unit_bytes,
              std::uint8_t{kProgrammed});
  if (spoils_next_ &&
      std::any_of(data.begin(), data.end(), [](auto byte) { return byte != 0xFF; })) {
    spoils_next_ = false;
    const auto at = static_cast<std::uint32_t>(
        std::find_if(data.begin(), data.end(), [](auto byte) { return byte != 0xFF; }) -
        data.begin());
    image_.bytes[offset + at] = geometry().erased_value;
  }
  wear_.programmed_units += data.size() / unit_bytes;
  power_.OperationDone();
  return power_.alive() ? Status() : Fail(Code::kFlashIo, Op::kNone, offset);
}

Status SimFlash::DoEraseUnit(std::uint32_t offset) {
  if (!power_.alive()) {
    return Fail(Code::kFlashIo, Op::kNone, offset);
  }
  if (guard_) {
    guard_(offset, {});
  }
  const std::uint32_t size = geometry().erase_unit_bytes;
  Changed(offset, size);
  const Power::Fate fate = NextFate();
  if (fate != Power::Fate::kWhole) {
    if (fate != Power::Fate::kNothing) {
      TearErase(offset, fate);
    }
    return Fail(Code::kFlashIo, Op::kNone, offset);
  }
  std::fill_n(image_.bytes.begin() + offset, size, geometry().erased_value);
  std::fill_n(image_.units.begin() + offset / geometry().program_unit_bytes,
              size / geometry().program_unit_bytes,
              std::uint8_t{kErased});
  ++wear_.erased_units;
  power_.OperationDone();
  return power_.alive() ? Status() : Fail(Code::kFlashIo, Op::kNone, offset);
}

Status SimFlash::DoSync() {
  const bool fails = faults_.FailsNow();
  return power_.alive() && !fails ? Status() : Fail(Code::kFlashIo);
}

}  // namespace strata::sim
