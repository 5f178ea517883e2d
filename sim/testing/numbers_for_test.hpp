// SPDX-License-Identifier: Apache-2.0
/// What one good, uninterrupted update costs, counted: the same on every machine.
#pragma once

#include <cstdint>

namespace strata::sim {

struct UpdateCost {
  std::uint64_t journal_records = 0;
  std::uint64_t pages_erased = 0;      ///< of the placements
  std::uint64_t units_programmed = 0;  ///< of the placements
  std::uint64_t fewest_pages = 0;      ///< that hold other bytes afterwards
  std::uint64_t fewest_units = 0;

  [[nodiscard]] double Ratio() const {
    return static_cast<double>(pages_erased + units_programmed) /
           static_cast<double>(fewest_pages + fewest_units);
  }
};

/// An app of 1 MiB over another of 1 MiB on an stm32u585, layers of 64 KiB. `changed_from`: the new
/// image differs from this byte on; 0: everywhere.
[[nodiscard]] UpdateCost CostOfMebibyte(bool encrypted, std::uint32_t changed_from = 0);

}  // namespace strata::sim
