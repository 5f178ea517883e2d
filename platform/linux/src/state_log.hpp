// SPDX-License-Identifier: Apache-2.0
/// StateLog: the engine's Observer that keeps changes of state until the engine has returned,
/// because only then may it be asked which deployment they belong to; then one line each.
#pragma once

#include <vector>

#include "strata/engine/engine.hpp"
#include "strata/platform/linux/log.hpp"

namespace strata::device {

class StateLog final : public engine::Observer {
 public:
  /// `log` outlives this.
  explicit StateLog(Log& log) : log_(log) {}

  void OnStateChange(engine::State from, engine::State to, const Error& error) override;

  [[nodiscard]] bool pending() const { return !changes_.empty(); }

  /// Writes what is pending.
  void Flush(const engine::Snapshot& now);

 private:
  struct Change {
    engine::State from;
    engine::State to;
    Error error;
  };

  Log& log_;
  std::vector<Change> changes_;
};

}  // namespace strata::device
