// SPDX-License-Identifier: Apache-2.0
/// StateLog: the engine's Observer that keeps changes of state until the engine has returned,
/// because only then may it be asked which deployment they belong to; then one line each.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "strata/engine/engine.hpp"
#include "strata/platform/linux/log.hpp"

namespace strata::device {

class StateLog final : public engine::Observer {
 public:
  using OnChange = std::function<void(engine::State to, const Error& error)>;

  /// `log` outlives this. `on_change` is told each change when it is written.
  explicit StateLog(Log& log, OnChange on_change = {})
      : log_(log), on_change_(std::move(on_change)) {}

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
  OnChange on_change_;
  std::vector<Change> changes_;
};

}  // namespace strata::device
