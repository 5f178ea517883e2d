// SPDX-License-Identifier: Apache-2.0
/// CaseId: one simulated case in one line, to run exactly it again:
/// `update/stm32:cut=12:inside,40:before:seed=5`, `update/stm32:cut=none:seed=5`, or, for a port
/// whose call fails once, `update/stm32:fail=crypto@123:seed=5`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/sim/power.hpp"

namespace strata::sim {

enum class PortName : std::uint8_t {
  kInternal,
  kExternal,
  kSecure,
  kCloud,
  kCrypto,
  kEntropy,
  kClock,
  kApp,
  kIdentity
};

inline constexpr PortName kAllPorts[] = {PortName::kInternal,
                                         PortName::kExternal,
                                         PortName::kSecure,
                                         PortName::kCloud,
                                         PortName::kCrypto,
                                         PortName::kEntropy,
                                         PortName::kClock,
                                         PortName::kApp,
                                         PortName::kIdentity};

[[nodiscard]] std::string_view NameOf(PortName port);

/// The call is counted from 0 since the case began, as Cut::operation is.
struct Fault {
  PortName port = PortName::kInternal;
  std::uint64_t call = 0;

  friend bool operator==(const Fault&, const Fault&) = default;
};

struct CaseId {
  std::string scenario;
  std::string geometry;
  std::vector<Cut> cuts;  ///< ascending
  std::optional<Fault> fault;
  std::uint64_t seed = 0;

  [[nodiscard]] std::string Text() const;
  static std::optional<CaseId> Parse(std::string_view text);
};

}  // namespace strata::sim
