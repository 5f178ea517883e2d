// SPDX-License-Identifier: Apache-2.0
#include "strata/sim/scenario.hpp"

#include <array>
#include <charconv>

#include "strata/sim/panic.hpp"

namespace strata::sim {
namespace {

constexpr std::uint32_t kKiB = 1024;
constexpr std::uint64_t kStartSeed = 0x57A47;

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

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

std::optional<CutKind> ParseKind(std::string_view text) {
  for (const CutKind kind : {CutKind::kBefore, CutKind::kInside, CutKind::kAfter}) {
    if (NameOf(kind) == text) {
      return kind;
    }
  }
  return std::nullopt;
}

/// Takes what comes before `separator` (or all) from the front of `text`.
std::string_view TakeWord(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view word = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return word;
}

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

std::string CaseId::Text() const {
  const std::string where =
      cut ? std::to_string(cut->operation) + ":" + std::string(NameOf(cut->kind)) : "none";
  return scenario + "/" + geometry + ":cut=" + where + ":seed=" + std::to_string(seed);
}

std::optional<CaseId> CaseId::Parse(std::string_view text) {
  CaseId id;
  id.scenario = TakeWord(text, '/');
  id.geometry = TakeWord(text, ':');
  std::string_view where = TakeWord(text, ':');
  if (where.substr(0, 4) != "cut=") {
    return std::nullopt;
  }
  where.remove_prefix(4);
  if (where != "none") {
    const auto operation = ParseNumber(where);
    const auto kind = ParseKind(TakeWord(text, ':'));
    if (!operation || !kind) {
      return std::nullopt;
    }
    id.cut = Cut{*operation, *kind};
  }
  if (text.substr(0, 5) != "seed=") {
    return std::nullopt;
  }
  const auto seed = ParseNumber(text.substr(5));
  if (!seed) {
    return std::nullopt;
  }
  id.seed = *seed;
  return id;
}

std::shared_ptr<const PlaintextFilter> FilterOf(std::span<const AppImage> apps) {
  auto filter = std::make_shared<PlaintextFilter>();
  for (const AppImage& app : apps) {
    for (const AppImage::Layer& layer : app.layers) {
      filter->Add(layer.plaintext);
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

CaseId Runner::IdOf(const std::optional<Cut>& cut, std::uint64_t seed) const {
  return {scenario_.name, std::string(profile_.name), cut, seed};
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
  const auto device = MakeDevice(kStartSeed);
  for (const Deployed& deployed : scenario_.before) {
    device->Deploy(apps_[deployed.app]);
    if (!device->RunUntilSettled()) {
      return "what comes before does not settle";
    }
    old_ = deployed.verdict == wire::Verdict::kConfirmed ? &apps_[deployed.app] : old_;
  }
  device->PowerOff();
  start_ = device->Freeze();
  return {};
}

std::string Runner::Run(const std::optional<Cut>& cut, std::uint64_t seed) {
  SetRunId(IdOf(cut, seed).Text());
  if (!start_) {
    if (std::string wrong = RunBefore(); !wrong.empty()) {
      return wrong;
    }
  }
  const auto device = MakeDevice(seed);
  device->Thaw(*start_);
  const wire::Deployment deployment = device->Deploy(apps_[scenario_.last.app]);
  device->power().Plan(cut, seed);
  if (!device->RunUntilSettled()) {
    return "does not settle";
  }
  operations_ = device->power().operations();
  return Check(*device, deployment);
}

std::string Runner::Check(Device& device, const wire::Deployment& deployment) const {
  const auto outcome = device.cloud().OutcomeOf(deployment.id);
  if (!outcome || outcome->verdict != scenario_.last.verdict) {
    return "the cloud believes another verdict (error code " +
           std::to_string(outcome ? static_cast<int>(outcome->error.code) : -1) + ")";
  }
  const bool confirmed = scenario_.last.verdict == wire::Verdict::kConfirmed;
  const AppImage* expected = confirmed ? &apps_[scenario_.last.app] : old_;
  if (std::string wrong = device.CheckRuns(expected); !wrong.empty()) {
    return wrong;
  }
  // What is there now must also survive one more ordinary boot.
  device.PowerOff();
  if (!device.RunUntilSettled()) {
    return "does not settle after another boot";
  }
  return device.CheckRuns(expected);
}

std::uint64_t Runner::CountOperations(std::uint64_t seed) {
  const std::string wrong = Run(std::nullopt, seed);
  if (!wrong.empty()) {
    Panic(wrong);
  }
  return operations_;
}

}  // namespace strata::sim
