// SPDX-License-Identifier: Apache-2.0
#include "strata/core/hardware.hpp"

#include <array>

namespace strata {
namespace {

constexpr std::uint32_t kKiB = 1024;
constexpr std::uint32_t kMiB = 1024 * kKiB;

constexpr std::array<HardwareProfile, 3> kProfiles = {{
    {.name = "stm32u585",
     .internal_base_address = 0x08000000,
     .internal_bytes = 1 * kMiB,
     .internal_erase_unit_bytes = 8 * kKiB,
     .internal_program_unit_bytes = 16,
     .external_bytes = 8 * kMiB,
     .external_erase_unit_bytes = 4 * kKiB,
     .external_program_unit_bytes = 16,
     .external_app_bytes = 1792 * kKiB,
     .slot_start_bytes = 2 * kMiB,
     .slot_bytes = 3 * kMiB,
     .app_start = AppStart::kNone},
    {.name = "mps2-an505",
     .internal_base_address = 0x00200000,
     .internal_bytes = 2 * kMiB,
     .internal_erase_unit_bytes = 8 * kKiB,
     .internal_program_unit_bytes = 16,
     .external_bytes = 8 * kMiB,
     .external_erase_unit_bytes = 4 * kKiB,
     .external_program_unit_bytes = 16,
     .external_app_bytes = 1792 * kKiB,
     .slot_start_bytes = 2 * kMiB,
     .slot_bytes = 3 * kMiB,
     .app_start = AppStart::kQemuMps2An505},
    {.name = "large",
     .internal_base_address = 0x00000000,
     .internal_bytes = 64 * kMiB,
     .internal_erase_unit_bytes = 64 * kKiB,
     .internal_program_unit_bytes = 16,
     .external_bytes = 160 * kMiB,
     .external_erase_unit_bytes = 64 * kKiB,
     .external_program_unit_bytes = 16,
     .external_app_bytes = 16 * kMiB,
     .slot_start_bytes = 16 * kMiB,
     .slot_bytes = 72 * kMiB,
     .app_start = AppStart::kNone},
}};

}  // namespace

std::span<const HardwareProfile> HardwareProfiles() {
  return kProfiles;
}

const HardwareProfile* FindHardwareProfile(std::string_view name) {
  for (const HardwareProfile& profile : kProfiles) {
    if (profile.name == name) {
      return &profile;
    }
  }
  return nullptr;
}

}  // namespace strata
