// SPDX-License-Identifier: Apache-2.0
/// Scenarios: what is deployed to a simulated device, where power or a port fails, and what must be
/// true afterwards. Role: a library; tests and the program strata-sim choose the cases
/// (explorer.hpp). Each case has a one-line id (case_id.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "strata/sim/case_id.hpp"
#include "strata/sim/device.hpp"

namespace strata::sim {

/// Small devices of several flash geometries: "stm32" (8 KiB pages, 16-byte units), "qspi" (4 KiB,
/// 4), "small" (2 KiB, 8), "big" (128 KiB, 32).
[[nodiscard]] std::span<const HardwareProfile> SimProfiles();
[[nodiscard]] const HardwareProfile* FindSimProfile(std::string_view name);

/// What a deployment must come to, however often the power fails.
struct Deployed {
  std::size_t app = 0;  ///< index into the apps
  wire::Verdict verdict = wire::Verdict::kConfirmed;
};

/// What happens beside power cuts.
enum class Incident : std::uint8_t {
  kNone,
  kDamageInstalled,         ///< a bit of the installed app, before the boot; nothing is deployed
  kDamageInstalledAndSlot,  ///< and of its slot, so that only the cloud can help
  kDamageRevertSlot,        ///< a bit of the running app's slot, before the last deployment
  kDamageStaged,            ///< a bit of the new app's slot, when it is staged
  kRedeploy,                ///< Scenario::dropped is deployed; the last app while it is fetched
  kWornPlacement,           ///< a cell of internal flash does not take its first byte
  kLoseReceipts,            ///< two acknowledgements of receipts are lost
  kKeysFirst,               ///< Scenario::new_keys are told of together with the last deployment
  kKeysWhileVerifying,      ///< they are told of when what it staged is verified
};

struct Scenario {
  std::string name;
  std::vector<Deployed> before;  ///< without a cut
  Deployed last;                 ///< with the cuts
  Incident incident = Incident::kNone;
  std::size_t dropped = 0;
  std::vector<std::vector<std::uint8_t>> new_keys{};  ///< the fleet's messages 1, 2, …
  bool no_way_back = false;  ///< they revoke the signer of what comes before
};

/// Everything in clear that must never stand in a staging slot.
[[nodiscard]] PlaintextFilter FilterOf(std::span<const AppImage> apps);

/// Runs cases of one scenario on one geometry. Each case begins with a new device that is brought
/// through what comes before; only then cuts and calls count.
class Runner {
 public:
  /// `apps` and what `persona` refers to outlive the runner.
  Runner(const HardwareProfile& profile,
         const Persona& persona,
         std::span<const AppImage> apps,
         Scenario scenario);

  /// Start(), plan, Finish(); empty when everything held, else what did not.
  std::string Run(const CaseId& id);

  /// Makes device() and brings it to where the case begins; nothing is planned.
  std::string Start(std::uint64_t seed);

  /// Runs to the end and checks.
  std::string Finish();

  [[nodiscard]] Device& device() { return *device_; }

  /// Calls of a port that belong to what comes before.
  [[nodiscard]] std::uint64_t CallsBefore(PortName port) const {
    return calls_before_[static_cast<std::size_t>(port)];
  }

  /// From now on a failing port may also make the update fail or be reverted, never lie about it.
  void ExpectFaults() { faulty_ = true; }

  [[nodiscard]] CaseId IdOf(std::vector<Cut> cuts, std::uint64_t seed) const;

 private:
  [[nodiscard]] std::unique_ptr<Device> MakeDevice(std::uint64_t seed) const;
  std::string RunBefore();
  void Begin();
  void DamageSlot(std::uint32_t slot);
  void DamageInstalled();
  std::string Check();
  void AnnounceKeys();
  std::string CheckKeys();

  const HardwareProfile& profile_;
  Persona persona_;
  std::span<const AppImage> apps_;
  Scenario scenario_;
  PlaintextFilter plaintext_;
  std::unique_ptr<Device> device_;
  std::optional<wire::Deployment> deployment_;  ///< the last one
  const AppImage* old_ = nullptr;
  std::uint32_t security_counter_ = 0;
  std::array<std::uint64_t, std::size(kAllPorts)> calls_before_{};
  bool faulty_ = false;
};

}  // namespace strata::sim
