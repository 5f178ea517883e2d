// SPDX-License-Identifier: Apache-2.0
#include "scenarios_for_test.hpp"

#include <algorithm>

namespace strata::sim {
namespace {

constexpr wire::Verdict kConfirmed = wire::Verdict::kConfirmed;
constexpr wire::Verdict kReverted = wire::Verdict::kReverted;

enum AppIndex : std::size_t {
  kPlain,       ///< internal layers in clear
  kPlainNext,   ///< other bytes
  kEncrypted,   ///< encrypted, on both media
  kTwins,       ///< two equal layers
  kShared,      ///< on both media
  kSharedNext,  ///< the first internal layer and the external one are those of kShared
  kPolite,      ///< defers updates
  kLegacy,      ///< without sizes and trial policy
  kLegacyEncrypted,
  kCrashing,
  kMute,            ///< never says ready
  kCrashingByNext,  ///< signed by a signer that only a message brings
};

constexpr std::size_t kAppCount = kCrashingByNext + 1;

AppOptions Basic(const TestWorld& world, std::string name, std::uint64_t content) {
  AppOptions options;
  options.name = std::move(name);
  options.content = content;
  options.image_bytes = 14'000;
  options.layer_bytes = world.profile().internal_erase_unit_bytes;
  options.policies = TestWorld::ReadyPolicy();
  options.policies.security_counter = 2;
  return options;
}

AppOptions OptionsOf(const TestWorld& world, AppIndex app) {
  AppOptions options = Basic(world, "plain", 2);
  switch (app) {
    case kPlain:
      options.policies.security_counter = 1;
      break;
    case kPlainNext:
      options = Basic(world, "plain-next", 4);
      break;
    case kEncrypted:
      options = Basic(world, "encrypted", 5);
      options.encrypted = true;
      options.external_bytes = 5000;
      break;
    case kTwins:
      options = Basic(world, "twins", 6);
      options.external_bytes = 5000;
      options.external_layers = 2;
      break;
    case kShared:
      options = Basic(world, "shared", 8);
      options.external_bytes = 5000;
      options.external_content = 77;
      break;
    case kSharedNext:
      options = Basic(world, "shared-next", 8);
      options.image_bytes = 13'000;
      options.policies.security_counter = 3;
      options.tail_content = 9;
      options.external_bytes = 5000;
      options.external_content = 77;
      break;
    case kPolite:
      options = Basic(world, "polite", 10);
      options.policies.security_counter = 1;
      options.policies.maximum_politeness_time_sec = 500;
      options.script.defers = true;
      break;
    case kLegacyEncrypted:
      options = Basic(world, "legacy-encrypted", 13);
      options.encrypted = true;
      options.external_bytes = 5000;
      options.without_sizes = true;
      break;
    case kLegacy:
      options = Basic(world, "legacy", 12);
      options.without_sizes = true;
      options.policies.trial.reset();
      options.script.ready_after_ms.reset();
      break;
    case kCrashing:
      options = Basic(world, "crashing", 15);
      options.policies.security_counter = 9;
      options.script.ready_after_ms.reset();
      options.script.crash_after_ms = 0;
      break;
    case kCrashingByNext:
      options = Basic(world, "crashing-by-next", 19);
      options.policies.security_counter = 9;
      options.script.ready_after_ms.reset();
      options.script.crash_after_ms = 0;
      options.signer = &world.next_signer();
      break;
    case kMute:
      options = Basic(world, "mute", 17);
      options.policies.security_counter = 9;
      options.script.ready_after_ms.reset();
      break;
  }
  return options;
}

AppImage MakeApp(const TestWorld& world, std::size_t app, std::uint64_t seed) {
  AppOptions options = OptionsOf(world, static_cast<AppIndex>(app));
  options.layer_order = seed * kAppCount + app + 1;
  return world.MakeApp(options);
}

/// Makes what the scenario deploys, and lets it name its apps by their place there.
std::vector<AppImage> AppsOf(Scenario& scenario, const TestWorld& world, std::uint64_t seed) {
  std::vector<AppImage> apps;
  std::vector<std::size_t> made;
  const auto take = [&](std::size_t& app) {
    const auto found = std::find(made.begin(), made.end(), app);
    const auto place = static_cast<std::size_t>(found - made.begin());
    if (found == made.end()) {
      made.push_back(app);
      apps.push_back(MakeApp(world, app, seed));
    }
    app = place;
  };
  for (Deployed& deployed : scenario.before) {
    take(deployed.app);
  }
  take(scenario.last.app);
  if (scenario.incident == Incident::kRedeploy) {
    take(scenario.dropped);
  }
  return apps;
}

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> kScenarios = {
      {"first-install", {}, {kPlain, kConfirmed}},
      {"first-encrypted", {}, {kEncrypted, kConfirmed}},
      {"update", {{kPlain, kConfirmed}}, {kPlainNext, kConfirmed}},
      {"update-encrypted", {{kPlain, kConfirmed}}, {kEncrypted, kConfirmed}},
      {"two-media", {{kEncrypted, kConfirmed}}, {kShared, kConfirmed}},
      {"identical-layers", {{kPlain, kConfirmed}}, {kTwins, kConfirmed}},
      {"shared-layers", {{kShared, kConfirmed}}, {kSharedNext, kConfirmed}},
      {"same-again", {{kEncrypted, kConfirmed}}, {kEncrypted, kConfirmed}},
      {"back-again",
       {{kPlain, kConfirmed}, {kEncrypted, kConfirmed}, {kPlainNext, kConfirmed}},
       {kEncrypted, kConfirmed}},
      {"revert", {{kPlain, kConfirmed}}, {kCrashing, kReverted}},
      {"revert-two-media", {{kEncrypted, kConfirmed}}, {kMute, kReverted}},
      {"revert-to-nothing", {}, {kCrashing, kReverted}},
      {"three-updates", {{kPlain, kConfirmed}, {kEncrypted, kConfirmed}}, {kCrashing, kReverted}},
      {"polite", {{kPolite, kConfirmed}}, {kPlainNext, kConfirmed}},
      {"legacy", {{kPlain, kConfirmed}}, {kLegacy, kConfirmed}},
      {"legacy-encrypted", {{kLegacy, kConfirmed}}, {kLegacyEncrypted, kConfirmed}},
      {"recovery",
       {{kEncrypted, kConfirmed}},
       {kEncrypted, kConfirmed},
       Incident::kDamageInstalled},
      {"recovery-from-cloud",
       {{kEncrypted, kConfirmed}},
       {kEncrypted, kConfirmed},
       Incident::kDamageInstalledAndSlot},
      {"damaged-revert-slot",
       {{kPlain, kConfirmed}},
       {kCrashing, kReverted},
       Incident::kDamageRevertSlot},
      {"damaged-staged", {{kPlain, kConfirmed}}, {kEncrypted, kConfirmed}, Incident::kDamageStaged},
      {"redeploy",
       {{kPlain, kConfirmed}},
       {kPlainNext, kConfirmed},
       Incident::kRedeploy,
       kEncrypted},
      {"worn-placement",
       {{kPlain, kConfirmed}},
       {kPlainNext, kConfirmed},
       Incident::kWornPlacement},
      {"lost-receipts", {{kPlain, kConfirmed}}, {kPlainNext, kConfirmed}, Incident::kLoseReceipts},
      {"key-rotation", {{kEncrypted, kConfirmed}}, {kPlainNext, kConfirmed}, Incident::kKeysFirst},
      {"key-rotation-held-back",
       {{kEncrypted, kConfirmed}},
       {kMute, kReverted},
       Incident::kKeysWhileVerifying},
      {"revoked-signer",
       {{kPlain, kConfirmed}},
       {kCrashingByNext, kReverted},
       Incident::kKeysFirst,
       0,
       {},
       true},
  };
  return kScenarios;
}

}  // namespace

std::span<const Scenario> SweptScenarios() {
  return Scenarios();
}

const Scenario* FindSweptScenario(std::string_view name) {
  for (const Scenario& scenario : Scenarios()) {
    if (scenario.name == name) {
      return &scenario;
    }
  }
  return nullptr;
}

SweepWorld::SweepWorld(const Scenario& scenario, const HardwareProfile& profile, std::uint64_t seed)
    : world_(profile),
      crypto_(world_.persona().crypto, memo_),
      identity_(world_.persona().identity, memo_) {
  Scenario own = scenario;
  apps_ = AppsOf(own, world_, seed);
  if (own.incident == Incident::kKeysFirst || own.incident == Incident::kKeysWhileVerifying) {
    own.new_keys = world_.KeyMessages(own.no_way_back);
  }
  const Persona real = world_.persona();
  runner_ = std::make_unique<Runner>(
      profile, Persona{crypto_, identity_, real.identity_key, real.keys}, apps_, std::move(own));
}

}  // namespace strata::sim
