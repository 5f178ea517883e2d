// SPDX-License-Identifier: Apache-2.0
/// Hardware profiles: what a device of a given type has, in bytes, and how its app is started.
/// One table for the bundle tool, the cloud and the engine; docs/spec/hardware.md lists the same
/// numbers. A device's own geometry decides; the tool uses the profile only to lay layers out.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace strata {

/// Where a placement lies. The numbers are those of the manifest's oneof and are part of HPKE's
/// info.
enum class Medium : std::uint8_t { kInternal = 1, kExternal = 2 };

/// Where a layer's bytes end up: `start_bytes` counts from the start of the medium, never a CPU
/// address.
struct Placement {
  Medium medium = Medium::kInternal;
  std::uint32_t start_bytes = 0;
  std::uint32_t size_bytes = 0;

  friend bool operator==(const Placement&, const Placement&) = default;
};

enum class AppStart : std::uint8_t {
  kNone,          ///< no emulator: nothing is started, surviving the window confirms
  kQemuMps2An505  ///< QEMU, through the secure launcher
};

struct HardwareProfile {
  std::string_view name;
  /// CPU address of offset 0 of the internal medium; ELF and HEX addresses are rebased by it.
  std::uint32_t internal_base_address;
  std::uint32_t internal_bytes;
  std::uint32_t internal_erase_unit_bytes;
  std::uint32_t internal_program_unit_bytes;
  std::uint32_t external_bytes;
  std::uint32_t external_erase_unit_bytes;
  std::uint32_t external_program_unit_bytes;
  /// Placements on the external medium lie in [0, external_app_bytes); the staging slots lie behind
  /// it.
  std::uint32_t external_app_bytes;
  std::uint32_t slot_start_bytes;  ///< offset of slot 0 on the external medium; slot 1 follows
  std::uint32_t slot_bytes;        ///< size of each of the two slots
  AppStart app_start;

  [[nodiscard]] constexpr std::uint32_t AppBytes(Medium medium) const {
    return medium == Medium::kInternal ? internal_bytes : external_app_bytes;
  }

  [[nodiscard]] constexpr std::uint32_t EraseUnitBytes(Medium medium) const {
    return medium == Medium::kInternal ? internal_erase_unit_bytes : external_erase_unit_bytes;
  }
};

/// All profiles; the first one, `stm32u585`, is the default.
[[nodiscard]] std::span<const HardwareProfile> HardwareProfiles();

/// nullptr when there is none of that name.
[[nodiscard]] const HardwareProfile* FindHardwareProfile(std::string_view name);

}  // namespace strata
