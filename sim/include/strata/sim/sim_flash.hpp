// SPDX-License-Identifier: Apache-2.0
/// SimFlash: one NOR flash with the physics that engines trip over (docs/spec/flash.md).
/// Rules: a program unit is programmed once per erase, a second time panics, also over a unit that
/// a cut left torn, whatever it reads as. A torn unit reads as one mix for good, as a new mix at
/// each read, as an error, or well at first and otherwise later. A sector whose erase was cut is
/// torn throughout. Security checks: a guard (if set) sees every operation before it happens.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "strata/engine/ports/flash.hpp"
#include "strata/sim/fault_counter.hpp"
#include "strata/sim/power.hpp"

namespace strata::sim {

class SimFlash final : public ports::Flash {
 public:
  /// `data` is empty for an erase.
  using Guard = std::function<void(std::uint32_t offset, ByteSpan data)>;

  struct Wear {
    std::uint64_t erased_units = 0;
    std::uint64_t programmed_units = 0;
  };

  /// Everything that survives a power cut.
  struct Image {
    std::vector<std::uint8_t> bytes;
    std::vector<std::uint8_t> units;   ///< per program unit: UnitState
    std::vector<std::uint8_t> before;  ///< of torn units: what they held before
  };

  SimFlash(std::string name, const ports::FlashGeometry& geometry, Power& power);

  [[nodiscard]] Image Save() const { return image_; }

  void Load(const Image& image);

  /// Whether a cut left a unit of [offset, offset + size) that was not erased and written again
  /// since.
  [[nodiscard]] bool IsTorn(std::uint32_t offset, std::uint32_t size) const;

  void SetGuard(Guard guard) { guard_ = std::move(guard); }

  /// What is really there, without torn units' whims; for checks only.
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return image_.bytes; }

  /// Programming twice answers kFlashNotErased from now on instead of ending the program.
  void RefuseInsteadOfPanic() { panics_ = false; }

  /// A fault outside the rules: bit rot or an attacker.
  void Corrupt(std::uint32_t offset, std::uint8_t mask);

  /// A worn cell: the next program says OK, but one bit of it was not programmed.
  void SpoilNextProgram() { spoils_next_ = true; }

  /// The n-th call from now on (0: the next one), of any kind, fails once; a failed program or
  /// erase leaves torn units.
  void FailCall(std::uint64_t n) { faults_.FailCall(n); }

  [[nodiscard]] std::uint64_t calls() const { return faults_.calls(); }

  [[nodiscard]] FaultCounter& faults() { return faults_; }

  [[nodiscard]] const Wear& wear() const { return wear_; }

  /// Calls `look` with each range (widened by `margin` bytes, inside the flash) of what changed in
  /// [from, size) since the last call.
  void VisitChanged(std::uint32_t from,
                    std::uint32_t margin,
                    const std::function<void(std::uint32_t offset, ByteSpan bytes)>& look);

 private:
  enum UnitState : std::uint8_t {
    kErased,
    kProgrammed,
    kTornStable,
    kTornWild,
    kTornError,
    kTornFading
  };

  Status DoRead(std::uint32_t offset, MutableByteSpan out) override;
  Status DoProgram(std::uint32_t offset, ByteSpan data) override;
  Status DoEraseUnit(std::uint32_t offset) override;
  Status DoSync() override;

  void Tear(std::uint32_t unit, ByteSpan wanted, UnitState state, bool looks_untouched);
  UnitState AnyTorn();
  void TearProgram(std::uint32_t offset, ByteSpan data, Power::Fate fate);
  void TearErase(std::uint32_t offset, Power::Fate fate);
  [[nodiscard]] Power::Fate NextFate();
  void Changed(std::uint32_t offset, std::size_t size);

  [[nodiscard]] std::uint64_t Random() { return power_.random()(); }

  std::string name_;
  Power& power_;
  Image image_;
  Guard guard_;
  Wear wear_;
  FaultCounter faults_;
  std::vector<bool> changed_;  // per erase unit, since the last VisitChanged()
  bool panics_ = true;
  bool spoils_next_ = false;
};

}  // namespace strata::sim
