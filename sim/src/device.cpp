// SPDX-License-Identifier: Apache-2.0
#include "strata/sim/device.hpp"

#include <algorithm>

#include "strata/sim/panic.hpp"

namespace strata::sim {
namespace {

constexpr int kMaxBoots = 64;
constexpr int kMaxStepsPerBoot = 60'000;
/// So many long pauses without an end: somebody presses the reset button.
constexpr int kMaxIdleWaits = 40;
constexpr std::uint32_t kLongWaitMs = 60'000;

ports::FlashGeometry InternalGeometry(const HardwareProfile& profile) {
  return {profile.internal_bytes,
          profile.internal_program_unit_bytes,
          profile.internal_erase_unit_bytes};
}

ports::FlashGeometry ExternalGeometry(const HardwareProfile& profile) {
  return {profile.external_bytes,
          profile.external_program_unit_bytes,
          profile.external_erase_unit_bytes};
}

// On-die, so of the internal flash's kind.
ports::FlashGeometry SecureGeometry(const HardwareProfile& profile) {
  ports::FlashGeometry geometry = InternalGeometry(profile);
  geometry.size_bytes = engine::SecureLayout::For(geometry).size_bytes;
  return geometry;
}

}  // namespace

Device::Device(const HardwareProfile& profile, const Persona& persona, std::uint64_t seed)
    : profile_(profile),
      persona_(persona),
      internal_("internal", InternalGeometry(profile), power_),
      external_("external", ExternalGeometry(profile), power_),
      secure_("secure", SecureGeometry(profile), power_),
      crypto_(persona.crypto),
      entropy_(seed),
      app_(clock_, [this] { return Identify(); }),
      identity_(persona.identity),
      ids_(seed ^ 0x1D5) {
  power_.Plan(std::nullopt, seed);
  cloud_ = std::make_unique<SimCloud>(
      power_, persona.crypto, persona.identity_key, persona.identity.sid());
  keys_ = std::make_unique<engine::FlashKeyStore>(secure_, crypto_);
  if (!keys_->Format(persona.keys)) {
    Panic("the key store can't be formatted");
  }
  internal_.SetGuard([this](std::uint32_t, ByteSpan) { GuardPlacement("internal"); });
  external_.SetGuard([this](std::uint32_t offset, ByteSpan data) { GuardExternal(offset, data); });
  secure_.SetGuard([this](std::uint32_t offset, ByteSpan data) {
    if (!data.empty() && offset >= engine::SecureLayout::For(secure_.geometry()).journal_start) {
      ++journal_programs_;
    }
  });
  cloud_->SetWitness([this](const wire::ReceiptBody& body) { WitnessReceipt(body); });
}

void Device::Watcher::OnStateChange(engine::State /*from*/,
                                    engine::State to,
                                    const Error& /*error*/) {
  if (event && event->first == to) {
    const auto what = std::move(event->second);
    event.reset();
    what();
  }
}

void Device::WatchPlaintext(const PlaintextFilter& filter) {
  plaintext_ = filter;
  for (const auto& key : persona_.keys.layer_keys) {
    plaintext_->Add(key);
  }
  const auto add = [this](ByteSpan secret) { plaintext_->Add(secret); };
  entropy_.SetWitness(add);
  crypto_.SetWitness(add);
}

std::optional<std::uint32_t> Device::FindPlaintextInSlots() {
  std::optional<std::uint32_t> found;
  external_.VisitChanged(profile_.slot_start_bytes,
                         PlaintextFilter::kWindowBytes - 1,
                         [&](std::uint32_t offset, ByteSpan bytes) {
                           if (!found && IsPlaintext(bytes)) {
                             found = offset;
                           }
                         });
  return found;
}

void Device::GuardPlacement(std::string_view medium) const {
  if (app_.running()) {
    Panic("a placement on the " + std::string(medium) + " medium is written while the app runs");
  }
}

void Device::GuardExternal(std::uint32_t offset, ByteSpan data) const {
  if (offset < profile_.slot_start_bytes) {
    GuardPlacement("external");
    return;
  }
  if (IsPlaintext(data)) {
    Panic("plaintext is written to a staging slot at offset " + std::to_string(offset));
  }
}

// No false success: the cloud may be told of an app only while exactly that app is installed.
void Device::WitnessReceipt(const wire::ReceiptBody& body) const {
  const AppImage* installed = InstalledApp();
  const bool praised = installed != nullptr && installed->manifest_hash == body.manifest_hash;
  if (body.verdict == wire::Verdict::kConfirmed && !praised) {
    Panic("a receipt praises an app that is not installed");
  }
}

void Device::AddApp(const AppImage& app) {
  KnownApp& known = apps_.emplace_back(KnownApp{app, {}});
  known.internal.assign(profile_.internal_bytes, 0xFF);
  for (const AppImage::Layer& layer : app.layers) {
    if (layer.placement.medium == Medium::kInternal) {
      std::copy(layer.plaintext.begin(),
                layer.plaintext.end(),
                known.internal.begin() + layer.placement.start_bytes);
    }
  }
  cloud_->AddManifest(app.manifest_hash, app.manifest);
  for (const AppImage::Layer& layer : app.layers) {
    cloud_->AddLayer(layer.fetch_digest, layer.fetched);
  }
}

wire::Deployment Device::Deploy(const AppImage& app) {
  std::array<std::uint8_t, 16> sid{};
  std::copy_n(app.manifest_hash.bytes.begin(), sid.size(), sid.begin());
  wire::Deployment deployment{AppSid::FromBytes(sid), app.manifest_hash, {}};
  for (std::uint8_t& byte : deployment.id) {
    byte = static_cast<std::uint8_t>(ids_());
  }
  desired_ = deployment;
  cloud_->SetDesired({.deployment = deployment, .restart_counter = 0, .logging_enabled = false});
  return deployment;
}

bool Device::ExternalMatches(const AppImage& app) const {
  return std::all_of(app.layers.begin(), app.layers.end(), [this](const AppImage::Layer& layer) {
    if (layer.placement.medium != Medium::kExternal) {
      return true;
    }
    std::vector<std::uint8_t> wanted(layer.placement.size_bytes, 0xFF);
    std::copy(layer.plaintext.begin(), layer.plaintext.end(), wanted.begin());
    return std::equal(
        wanted.begin(), wanted.end(), external_.bytes().begin() + layer.placement.start_bytes);
  });
}

const AppImage* Device::InstalledApp() const {
  for (const KnownApp& app : apps_) {
    if (internal_.bytes() == app.internal && ExternalMatches(app.image)) {
      return &app.image;
    }
  }
  return nullptr;
}

bool Device::InternalErased() const {
  const auto& bytes = internal_.bytes();
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0xFF; });
}

AppScript Device::Identify() {
  const AppImage* app = InstalledApp();
  if (app == nullptr || internal_.IsTorn(0, profile_.internal_bytes)) {
    Panic("an app is started that is not whole");
  }
  for (const AppImage::Layer& layer : app->layers) {
    if (layer.placement.medium == Medium::kExternal &&
        external_.IsTorn(layer.placement.start_bytes, layer.placement.size_bytes)) {
      Panic("an app is started over flash that a power cut left torn");
    }
  }
  return app->script;
}

bool Device::BootOnce() {
  ++boots_;
  cloud_->Reconnect();
  engine_ = std::make_unique<engine::Engine>(profile_,
                                             engine::EnginePorts{.internal = internal_,
                                                                 .external = external_,
                                                                 .secure = secure_,
                                                                 .crypto = crypto_,
                                                                 .entropy = entropy_,
                                                                 .clock = clock_,
                                                                 .app = app_,
                                                                 .cloud = *cloud_,
                                                                 .keys = *keys_,
                                                                 .identity = identity_,
                                                                 .observer = watcher_});
  if (!engine_->Boot() || !power_.alive()) {
    return false;
  }
  // A boot that ended well made its number durable.
  const std::uint32_t boot_count = engine_->snapshot().boot_count;
  if (boot_count <= last_boot_count_) {
    Panic("the journal forgot a boot: " + std::to_string(boot_count) + " after " +
          std::to_string(last_boot_count_));
  }
  last_boot_count_ = boot_count;
  return true;
}

FaultCounter& Device::FaultsOf(PortName port) {
  switch (port) {
    case PortName::kInternal:
      return internal_.faults();
    case PortName::kExternal:
      return external_.faults();
    case PortName::kSecure:
      return secure_.faults();
    case PortName::kCloud:
      return cloud_->faults();
    case PortName::kCrypto:
      return crypto_.faults();
    case PortName::kEntropy:
      return entropy_.faults();
    case PortName::kClock:
      return clock_.faults();
    case PortName::kApp:
      return app_.faults();
    case PortName::kIdentity:
      break;
  }
  return identity_.faults();
}

engine::Activity Device::StepOnce() {
  const engine::Activity activity = engine_->Step();
  if (!activity.more_work) {
    clock_.Advance(std::max<std::uint32_t>(1, activity.wait_ms));
  }
  return activity;
}

void Device::PowerOff() {
  engine_.reset();
  app_.PowerOff();
  power_.Restore();
  if (const auto at = FindPlaintextInSlots()) {
    Panic("plaintext stands in a staging slot at offset " + std::to_string(*at));
  }
}

bool Device::Settled(const engine::Activity& activity) {
  const engine::Snapshot snapshot = engine_->snapshot();
  const bool concluded = !desired_ || cloud_->OutcomeOf(desired_->id).has_value();
  return concluded && snapshot.state == engine::State::kIdle && !activity.more_work &&
         activity.wait_ms >= kLongWaitMs;
}

bool Device::RunUntilSettled() {
  for (int boot = 0; boot < kMaxBoots; ++boot) {
    if (!engine_ && !BootOnce()) {
      PowerOff();
      continue;
    }
    int idle_waits = 0;
    for (int step = 0; step < kMaxStepsPerBoot && idle_waits < kMaxIdleWaits; ++step) {
      const engine::Activity activity = StepOnce();
      if (!power_.alive()) {
        break;
      }
      if (Settled(activity)) {
        return true;
      }
      idle_waits += !activity.more_work && activity.wait_ms >= kLongWaitMs ? 1 : 0;
    }
    PowerOff();
  }
  return false;
}

engine::Snapshot Device::snapshot() {
  if (engine_) {
    return engine_->snapshot();
  }
  const auto read = engine::ReadSnapshot(secure_, persona_.crypto);
  return read.ok() ? *read : engine::Snapshot{};
}

std::string Device::CheckRuns(const AppImage* expected) {
  const engine::Snapshot now = snapshot();
  if (expected == nullptr) {
    if (!InternalErased() || app_.running() || now.current) {
      return "no app should be installed";
    }
    return {};
  }
  const AppImage* installed = InstalledApp();
  if (installed == nullptr) {
    return "flash holds a mixture instead of " + expected->name;
  }
  if (installed->name != expected->name) {
    return installed->name + " is installed instead of " + expected->name;
  }
  if (!app_.running()) {
    return expected->name + " is installed but does not run";
  }
  if (!now.current || now.current->manifest_hash != expected->manifest_hash) {
    return "the engine names another app than " + expected->name;
  }
  return {};
}

}  // namespace strata::sim
