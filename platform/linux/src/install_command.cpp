// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>

#include <unistd.h>

#include "strata/core/hex.hpp"
#include "strata/core/secure.hpp"
#include "strata/engine/engine.hpp"
#include "strata/engine/flash_key_store.hpp"
#include "strata/platform/linux/device_app.hpp"
#include "strata/platform/linux/device_directory.hpp"
#include "strata/platform/psa/psa_crypto.hpp"

#include "commands.hpp"
#include "monotonic_clock.hpp"
#include "parts_cloud.hpp"
#include "state_log.hpp"
#include "status_text.hpp"

namespace strata::device {
namespace {

Expected<wire::DesiredState> DesiredOf(const InstallOptions& options) {
  const auto app = AppSid::Parse(options.app);
  const auto hash = Digest::FromHexText(options.manifest);
  std::array<std::uint8_t, 16> id{};
  if (!app || !hash || !FromHex(options.deployment, id)) {
    return Failure{Fail(Code::kInvalidArgument),
                   "--app, --manifest or --deployment has not the form it should have"};
  }
  wire::DesiredState desired;
  desired.deployment = wire::Deployment{.app = *app, .manifest_hash = *hash, .id = id};
  return desired;
}

/// Until the app is applied and every placement measures right; its start, its trial and its
/// receipt are the first run's business.
Outcome StepUntilApplied(engine::Engine& engine) {
  while (true) {
    const engine::Activity activity = engine.Step();
    const engine::Snapshot now = engine.snapshot();
    if (now.state == engine::State::kStarting) {
      return Done{};
    }
    const bool ended = now.state == engine::State::kFailed ||
                       now.state == engine::State::kReverting ||
                       now.state == engine::State::kRecovering;
    // Whoever waits here waits for something that a folder will never have.
    if (ended || !activity.more_work) {
      const Error error = now.last_error.code == Code::kOk ? Fail(Code::kNotFound, Op::kFetchLayer)
                                                           : now.last_error;
      return Failure{error, "the app can't be installed: " + Describe(error)};
    }
  }
}

Outcome InstallIn(const DeviceDirectory& directory, const InstallOptions& options, Log& log) {
  const auto desired = DesiredOf(options);
  if (!desired.ok()) {
    return desired.failure();
  }
  if (const Status ready = platform::PsaCrypto::Init(); !ready.ok()) {
    return Failure{ready.error(), Describe(ready.error())};
  }
  platform::PsaIdentity identity(directory.sid());
  Secret<kPrivateKeyBytes> key;
  if (Outcome loaded = directory.LoadIdentity(key.bytes()); !loaded.ok()) {
    return loaded;
  }
  if (const Status taken = identity.Load(key.bytes()); !taken.ok()) {
    return Failure{taken.error(), Describe(taken.error())};
  }
  platform::PsaCrypto crypto;
  if (Outcome formatted = directory.Format(crypto); !formatted.ok()) {
    return formatted;
  }
  auto flash = directory.OpenFlash(FileFlash::Access::kReadWrite);
  if (!flash.ok()) {
    return flash.failure();
  }
  NullApp app(log);
  PartsCloud cloud(options.parts, *desired);
  platform::PsaEntropy entropy;
  MonotonicClock clock;
  engine::FlashKeyStore keys(*flash->secure, crypto);
  StateLog states(log, [](engine::State, const Error&) {});
  const engine::EnginePorts ports{*flash->internal,
                                  *flash->external,
                                  *flash->secure,
                                  crypto,
                                  entropy,
                                  clock,
                                  app,
                                  cloud,
                                  keys,
                                  identity,
                                  states};
  const auto engine = std::make_unique<engine::Engine>(directory.profile(), ports);
  if (const Status booted = engine->Boot(); !booted.ok()) {
    return Failure{booted.error(), "the device can't start: " + Describe(booted.error())};
  }
  const Outcome applied = StepUntilApplied(*engine);
  states.Flush(engine->snapshot());
  return applied;
}

}  // namespace

int Install(const InstallOptions& options) {
  const auto directory = DeviceDirectory::Open(options.directory);
  if (!directory.ok()) {
    return Complain(directory.failure());
  }
  const auto lock = directory->Lock();
  if (!lock.ok()) {
    return Complain(lock.failure());
  }
  if (directory->IsFormatted()) {
    return Complain(Code::kAlreadyExists,
                    "this device has run already; its apps come from the cloud");
  }
  Log log(STDOUT_FILENO);
  if (const Outcome installed = InstallIn(*directory, options, log); !installed.ok()) {
    // As new, so that the next try or the first run begins at the beginning.
    std::error_code error;
    std::filesystem::remove_all(directory->path() / "flash", error);
    return Complain(installed.failure());
  }
  log.Line("the app is installed; it starts, and its receipt goes out, at the first run");
  return 0;
}

}  // namespace strata::device
