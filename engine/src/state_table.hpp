// SPDX-License-Identifier: Apache-2.0
/// The engine's one state table: every change of state there is, why, and the record that makes it
/// durable. docs/architecture.md shows the same table; the engine refuses any change that is not in
/// it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "journal_state.hpp"

namespace strata::engine {

struct Transition {
  wire::UpdateState from;
  wire::UpdateState to;
  /// Written before the change; nullopt: the change is found again after a power cut without one.
  std::optional<RecordType> record;
  std::string_view cause;
};

[[nodiscard]] std::span<const Transition> Transitions();

/// Whether there is such a change. Takes no more of a device's flash than that: what a row says
/// besides is for people and tests.
[[nodiscard]] bool MayFollow(wire::UpdateState from, wire::UpdateState to);

}  // namespace strata::engine
