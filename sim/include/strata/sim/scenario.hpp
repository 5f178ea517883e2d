// SPDX-License-Identifier: Apache-2.0
/// Scenarios: what is deployed to a simulated device, cut at one operation, and what must be true
/// afterwards. Role: a library; a test or a program chooses the cases. Each case has a one-line id
/// that runs it again: `update/stm32:cut=123:inside:seed=5` (or `:cut=none:` without a cut).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "strata/sim/device.hpp"

namespace strata::sim {

/// Small devices of several flash geometries: "stm32" (8 KiB pages, 16-byte units), "qspi" (4 KiB,
/// 4), "small" (2 KiB, 8), "big" (128 KiB, 32).
[[nodiscard]] std::span<const HardwareProfile> SimProfiles();
[[nodiscard]] const HardwareProfile* FindSimProfile(std::string_view name);

/// What a deployment must come to, however often the power fails.
struct Deployed {
  std::size_t app = 0;  ///< index into World::apps
  wire::Verdict verdict = wire::Verdict::kConfirmed;
};

struct Scenario {
  std::string name;
  std::vector<Deployed> before;  ///< without a cut
  Deployed last;                 ///< with the cut
};

struct CaseId {
  std::string scenario;
  std::string geometry;
  std::optional<Cut> cut;
  std::uint64_t seed = 0;

  [[nodiscard]] std::string Text() const;
  static std::optional<CaseId> Parse(std::string_view text);
};

/// Everything in clear that must never stand in a staging slot.
[[nodiscard]] std::shared_ptr<const PlaintextFilter> FilterOf(std::span<const AppImage> apps);

/// Runs the cases of one scenario on one geometry; what comes before the cut is run once.
class Runner {
 public:
  /// `apps` and what `persona` refers to outlive the runner.
  Runner(const HardwareProfile& profile,
         const Persona& persona,
         std::span<const AppImage> apps,
         Scenario scenario);

  /// Runs one case; empty when everything held, else what did not.
  std::string Run(const std::optional<Cut>& cut, std::uint64_t seed);

  /// Flash operations of the last deployment without a cut.
  std::uint64_t CountOperations(std::uint64_t seed);

  [[nodiscard]] CaseId IdOf(const std::optional<Cut>& cut, std::uint64_t seed) const;

 private:
  [[nodiscard]] std::unique_ptr<Device> MakeDevice(std::uint64_t seed) const;
  std::string RunBefore();
  [[nodiscard]] std::string Check(Device& device, const wire::Deployment& deployment) const;

  const HardwareProfile& profile_;
  Persona persona_;
  std::span<const AppImage> apps_;
  Scenario scenario_;
  std::shared_ptr<const PlaintextFilter> plaintext_;
  std::optional<Device::Frozen> start_;
  const AppImage* old_ = nullptr;
  std::uint64_t operations_ = 0;
};

}  // namespace strata::sim
