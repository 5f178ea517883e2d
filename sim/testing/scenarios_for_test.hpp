// SPDX-License-Identifier: Apache-2.0
/// The scenarios that power cuts and faults are swept over, and the apps they deploy.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "memo_for_test.hpp"
#include "world_for_test.hpp"

namespace strata::sim {

/// The same for every geometry, with images of at most 64 KiB.
[[nodiscard]] std::span<const Scenario> SweptScenarios();
[[nodiscard]] const Scenario* FindSweptScenario(std::string_view name);

/// Everything one scenario on one geometry needs. Equal seeds make equal worlds; the seed also
/// shuffles the layers of the apps.
class SweepWorld {
 public:
  SweepWorld(const Scenario& scenario, const HardwareProfile& profile, std::uint64_t seed);

  [[nodiscard]] Runner& runner() { return *runner_; }

 private:
  TestWorld world_;
  Memo memo_;
  MemoCrypto crypto_;
  MemoIdentity identity_;
  std::vector<AppImage> apps_;
  std::unique_ptr<Runner> runner_;
};

}  // namespace strata::sim
