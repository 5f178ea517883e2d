// SPDX-License-Identifier: Apache-2.0
#include "strata/sim/scenario.hpp"

#include <algorithm>
#include <array>

#include "strata/sim/panic.hpp"

namespace strata::sim {
namespace {

constexpr std::uint32_t kKiB = 1024;

constexpr HardwareProfile Make(std::string_view name,
                               std::uint32_t erase,
                               std::uint32_t program,
                               std::uint32_t external_erase,
                               std::uint32_t external_program,
                               std::uint32_t scale) {
  return {.name = name,
          .internal_base_address = 0x08000000,
          .internal_bytes = 64 * kKiB * scale,
          .internal_erase_unit_bytes = erase,
          .internal_program_unit_bytes = program,
          .external_bytes = 512 * kKiB * scale,
          .external_erase_unit_bytes = external_erase,
          .external_program_unit_bytes = external_program,
          .external_app_bytes = 64 * kKiB * scale,
          .slot_start_bytes = 128 * kKiB * scale,
          .slot_bytes = 192 * kKiB * scale,
          .app_start = AppStart::kNone};
}

constexpr std::array<HardwareProfile, 4> kProfiles = {{
    Make("stm32", 8 * kKiB, 16, 4 * kKiB, 16, 1),
    Make("qspi", 4 * kKiB, 4, 4 * kKiB, 1, 1),
    Make("small", 2 * kKiB, 8, 2 * kKiB, 8, 1),
    Make("big", 128 * kKiB, 32, 64 * kKiB, 32, 4),
}};

/// Behind the manifest, so in a layer's first chunk.
constexpr std::uint32_t kDamagedChunkByte = 50;
constexpr std::uint32_t kManifestBytes = 4096;
/// So much of the dropped app was fetched when the last one is deployed.
constexpr std::uint64_t kFetchedBeforeRedeploy = 3000;

}  // namespace

std::span<const HardwareProfile> SimProfiles() {
  return kProfiles;
}

const HardwareProfile* FindSimProfile(std::string_view name) {
  for (const HardwareProfile& profile : kProfiles) {
    if (profile.name == name) {
      return &profile;
    }
  }
  return nullptr;
}

PlaintextFilter FilterOf(std::span<const AppImage> apps) {
  std::size_t windows = 0;
  for (const AppImage& app : apps) {
    for (const AppImage::Layer& layer : app.layers) {
      windows += layer.plaintext.size();
    }
  }
  PlaintextFilter filter(std::max<std::size_t>(windows, 1024));
  for (const AppImage& app : apps) {
    for (const AppImage::Layer& layer : app.layers) {
      filter.Add(layer.plaintext);
    }
  }
  return filter;
}

Runner::Runner(const HardwareProfile& profile,
               const Persona& persona,
               std::span<const AppImage> apps,
               Scenario scenario)
    : profile_(profile),
      persona_(persona),
      apps_(apps),
      scenario_(std::move(scenario)),
      plaintext_(FilterOf(apps)) {}

CaseId Runner::IdOf(std::vector<Cut> cuts, std::uint64_t seed) const {
  return {scenario_.name, std::string(profile_.name), std::move(cuts), {}, seed};
}

std::unique_ptr<Device> Runner::MakeDevice(std::uint64_t seed) const {
  auto device = std::make_unique<Device>(profile_, persona_, seed);
  for (const AppImage& app : apps_) {
    device->AddApp(app);
  }
  device->WatchPlaintext(plaintext_);
  return device;
}

std::string Runner::RunBefore() {
  for (const Deployed& deployed : scenario_.before) {
    deployment_ = device_->Deploy(apps_[deployed.app]);
    const bool settled = device_->RunUntilSettled();
    const auto outcome = device_->cloud().OutcomeOf(deployment_->id);
    if (!settled || !outcome || outcome->verdict != deployed.verdict) {
      return "what comes before does not end as it should";
    }
    if (deployed.verdict == wire::Verdict::kConfirmed) {
      old_ = &apps_[deployed.app];
      security_counter_ = std::max(security_counter_, old_->security_counter);
    }
  }
  device_->PowerOff();
  return {};
}

void Runner::DamageSlot(std::uint32_t slot) {
  const std::uint32_t unit = profile_.external_erase_unit_bytes;
  const std::uint32_t manifest = std::max(kManifestBytes, unit);
  device_->external().Corrupt(
      profile_.slot_start_bytes + slot * profile_.slot_bytes + manifest + kDamagedChunkByte, 0x40);
}

void Runner::DamageInstalled() {
  for (const AppImage::Layer& layer : old_->layers) {
    if (layer.placement.medium == Medium::kInternal) {
      device_->internal().Corrupt(layer.placement.start_bytes + kDamagedChunkByte, 0x01);
      return;
    }
  }
}

void Runner::AnnounceKeys() {
  std::uint32_t sequence = 0;
  for (const auto& message : scenario_.new_keys) {
    device_->cloud().SetNewKeys(++sequence, message);
  }
  device_->cloud().AnnounceKeys(sequence);
}

std::string Runner::CheckKeys() {
  auto position = device_->keys().Position();
  if (!position.ok()) {
    position = device_->keys().Position();  // the one call that fails may be this question
  }
  if (!position.ok()) {
    return "the key store is lost";
  }
  // A port that failed may still be waited for.
  const auto all = static_cast<std::uint32_t>(scenario_.new_keys.size());
  return position->sequence == all || (faulty_ && position->sequence < all)
             ? std::string()
             : "the keys stand at " + std::to_string(position->sequence);
}

void Runner::Begin() {
  // Slots take turns, beginning with 0, at each update that is accepted.
  const auto slots_used = static_cast<std::uint32_t>(scenario_.before.size());
  const std::uint32_t current = (slots_used + 1) % 2;
  const auto deploy_last = [this] { deployment_ = device_->Deploy(apps_[scenario_.last.app]); };
  switch (scenario_.incident) {
    case Incident::kDamageInstalledAndSlot:
      DamageSlot(current);
      [[fallthrough]];
    case Incident::kDamageInstalled:
      DamageInstalled();
      return;
    case Incident::kDamageRevertSlot:
      DamageSlot(current);
      break;
    case Incident::kDamageStaged:
      device_->WhenEntering(engine::State::kStaged, [this, current] { DamageSlot(1 - current); });
      break;
    case Incident::kRedeploy:
      device_->Deploy(apps_[scenario_.dropped]);
      device_->cloud().WhenServed(device_->cloud().layer_bytes_served() + kFetchedBeforeRedeploy,
                                  deploy_last);
      return;
    case Incident::kWornPlacement:
      device_->internal().SpoilNextProgram();
      break;
    case Incident::kLoseReceipts:
      device_->cloud().LoseAcknowledgements(2);
      break;
    case Incident::kKeysFirst:
      AnnounceKeys();
      break;
    case Incident::kKeysWhileVerifying:
      device_->WhenEntering(engine::State::kVerifyingStaged, [this] { AnnounceKeys(); });
      break;
    case Incident::kNone:
      break;
  }
  deploy_last();
}

std::string Runner::Start(std::uint64_t seed) {
  deployment_.reset();
  old_ = nullptr;
  security_counter_ = 0;
  device_ = MakeDevice(seed);
  if (std::string wrong = RunBefore(); !wrong.empty()) {
    return wrong;
  }
  Begin();
  for (const PortName port : kAllPorts) {
    calls_before_[static_cast<std::size_t>(port)] = device_->FaultsOf(port).calls();
  }
  device_->power().Plan(std::nullopt, seed);
  return {};
}

std::string Runner::Run(const CaseId& id) {
  SetRunId(id.Text());
  if (std::string wrong = Start(id.seed); !wrong.empty()) {
    return wrong;
  }
  device_->power().Plan(id.cuts, id.seed);
  if (id.fault) {
    ExpectFaults();
    device_->FaultsOf(id.fault->port).FailCall(id.fault->call);
  }
  return Finish();
}

std::string Runner::Finish() {
  if (!device_->RunUntilSettled()) {
    return "does not settle";
  }
  return Check();
}

std::string Runner::Check() {
  if (!deployment_) {
    return "the last app was never deployed";
  }
  const auto outcome = device_->cloud().OutcomeOf(deployment_->id);
  if (!outcome || (!faulty_ && outcome->verdict != scenario_.last.verdict)) {
    return "the cloud believes another verdict (error code " +
           std::to_string(outcome ? static_cast<int>(outcome->error.code) : -1) + ")";
  }
  const bool confirmed = outcome->verdict == wire::Verdict::kConfirmed;
  if (confirmed && scenario_.last.verdict != wire::Verdict::kConfirmed) {
    return "an app that does not work was confirmed";
  }
  const bool gone = scenario_.no_way_back && outcome->verdict == wire::Verdict::kReverted;
  // A message that a failing port delayed may have come after the revert.
  const bool late = gone && faulty_ && !device_->CheckRuns(nullptr).empty();
  const AppImage* reverted_to = gone && !late ? nullptr : old_;
  const AppImage* expected = confirmed ? &apps_[scenario_.last.app] : reverted_to;
  if (std::string wrong = CheckKeys(); !wrong.empty()) {
    return wrong;
  }
  if (std::string wrong = device_->CheckRuns(expected); !wrong.empty()) {
    return wrong;
  }
  const std::uint32_t counter =
      confirmed ? std::max(security_counter_, expected->security_counter) : security_counter_;
  if (device_->snapshot().security_counter != counter) {
    return "the security counter is not " + std::to_string(counter);
  }
  // What is there now must also survive one more ordinary boot, which has nothing to write.
  device_->PowerOff();
  const std::uint64_t erased = device_->internal().wear().erased_units;
  if (!device_->RunUntilSettled()) {
    return "does not settle after another boot";
  }
  if (!faulty_ && device_->internal().wear().erased_units != erased) {
    return "another boot writes placements again";
  }
  return device_->CheckRuns(expected);
}

}  // namespace strata::sim
