// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <vector>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "strata/core/secure.hpp"
#include "strata/engine/engine.hpp"
#include "strata/engine/flash_key_store.hpp"
#include "strata/platform/linux/curl_cloud.hpp"
#include "strata/platform/linux/device_directory.hpp"
#include "strata/platform/linux/qemu_app.hpp"
#include "strata/platform/psa/psa_crypto.hpp"

#include "commands.hpp"
#include "log_poster.hpp"
#include "monotonic_clock.hpp"
#include "pinned_authorities.hpp"
#include "renewal.hpp"
#include "state_log.hpp"
#include "status_text.hpp"

namespace strata::device {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestWait{1'000};

std::chrono::steady_clock::time_point SteadyNow() {
  return std::chrono::steady_clock::now();
}

/// SIGTERM and SIGINT become readable instead of ending the program in the middle.
UniqueFd CatchEndSignals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

bool IsReadable(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

Expected<std::filesystem::path> FindLauncher(const std::string& given) {
  std::error_code error;
  std::vector<std::filesystem::path> candidates;
  if (!given.empty()) {
    candidates.emplace_back(given);
  } else {
    const auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    for (const char* up : {"..", "../.."}) {
      candidates.push_back(folder / up / "lib/strata/mps2_an505_launcher.elf");
    }
  }
  for (const auto& candidate : candidates) {
    if (std::filesystem::is_regular_file(candidate, error)) {
      return std::filesystem::canonical(candidate, error);
    }
  }
  return Failure{Fail(Code::kNotFound, Op::kStartApp),
                 "the secure launcher " + candidates.front().lexically_normal().string() +
                     " is not there; run make build or name it with --launcher FILE"};
}

Expected<std::unique_ptr<DeviceApp>> MakeApp(const DeviceDirectory& directory,
                                             const RunOptions& options,
                                             LogPoster& poster,
                                             Log& log) {
  if (directory.profile().app_start == AppStart::kNone) {
    return std::unique_ptr<DeviceApp>(std::make_unique<NullApp>(log));
  }
  const auto qemu = FindQemu(options.qemu);
  if (!qemu.ok()) {
    return qemu.failure();
  }
  const auto launcher = FindLauncher(options.launcher);
  if (!launcher.ok()) {
    return launcher.failure();
  }
  return std::unique_ptr<DeviceApp>(std::make_unique<QemuApp>(
      QemuAppOptions{*qemu,
                     *launcher,
                     directory.InternalFlashFile(),
                     directory.AppLogFile(),
                     [&poster](std::string_view line) { poster.AddAppLine(line, SteadyNow()); }},
      log));
}

Outcome LoadIdentity(const DeviceDirectory& directory, platform::PsaIdentity& identity) {
  Secret<kPrivateKeyBytes> key;
  if (Outcome loaded = directory.LoadIdentity(key.bytes()); !loaded.ok()) {
    return loaded;
  }
  const Status taken = identity.Load(key.bytes());
  return taken.ok() ? Outcome(Done{}) : Failure{taken.error(), Describe(taken.error())};
}

Expected<FlashFiles> PrepareFlash(const DeviceDirectory& directory,
                                  ports::Crypto& crypto,
                                  Log& log) {
  if (!directory.IsFormatted()) {
    log.Line("first run: formatting the flash and the key store");
    if (Outcome formatted = directory.Format(crypto); !formatted.ok()) {
      return formatted.failure();
    }
  }
  return directory.OpenFlash(FileFlash::Access::kReadWrite);
}

Expected<std::unique_ptr<CurlCloud>> MakeCloud(const DeviceDirectory& directory,
                                               const RunOptions& options,
                                               int stop_fd,
                                               LogPoster& poster,
                                               Log& log) {
  CurlCloudOptions cloud;
  cloud.base_url = directory.device_url();
  cloud.ca_file = directory.CaFile();
  cloud.certificate_file = directory.IdentityCertificateFile();
  cloud.key_file = directory.IdentityKeyFile();
  cloud.max_range_bytes = options.max_range_bytes;
  cloud.interrupt_fd = stop_fd;
  cloud.on_connection_change = [&log, &poster](std::string_view words) {
    log.Line(words.empty() ? "the cloud answers again" : words);
    poster.AddConnection(words, SteadyNow());
  };
  return CurlCloud::Make(std::move(cloud));
}

std::string StateLine(const engine::Snapshot& snapshot) {
  std::string line = "state " + std::string(wire::NameOf(snapshot.state));
  if (!snapshot.current) {
    return line + " (no app installed)";
  }
  return line + " (app " + std::string(snapshot.current->app.text()) + ", deployment " +
         HexOf(snapshot.current->id) + ")";
}

/// What one run is made of, in the order in which it comes to be.
struct Device {
  engine::Engine& engine;
  DeviceApp& app;
  CurlCloud& cloud;
  StateLog& states;
  Renewal& renewal;
  LogPoster& poster;
  engine::FlashKeyStore& keys;
  Log& log;
  int stop_fd;
};

/// Only while a connection is wanted: the app's policy counts for this too.
void RenewWhenDue(const Device& device) {
  if (!device.cloud.connected()) {
    return;
  }
  const std::int64_t now = std::chrono::duration_cast<std::chrono::seconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  if (device.renewal.Step(now, std::chrono::steady_clock::now(), device.cloud.refused())) {
    device.cloud.Reconnect();
  }
}

void PinAuthorities(const Device& device) {
  auto pem = PinnedAuthorities(device.keys);
  if (!pem.ok()) {
    device.log.Line("the pinned CAs can't be read: " + pem.failure().message);
    return;
  }
  device.cloud.PinAuthorities(std::move(pem).value());
}

void PostLogs(const Device& device) {
  const auto now = SteadyNow();
  CurlCloud& cloud = device.cloud;
  device.poster.SetWanted(cloud.logging_enabled(), now);
  device.poster.Step([&cloud](ByteSpan batch) { return cloud.StartLogs(batch); },
                     [&cloud] { return cloud.TakeLogsAnswer(); },
                     now);
}

void Loop(const Device& device) {
  std::uint32_t keys_sequence = device.engine.snapshot().keys_sequence;
  PinAuthorities(device);
  while (!IsReadable(device.stop_fd)) {
    device.app.Pump();
    const engine::Activity activity = device.engine.Step();
    if (device.states.pending()) {
      device.states.Flush(device.engine.snapshot());
    }
    if (const std::uint32_t now = device.engine.snapshot().keys_sequence; now != keys_sequence) {
      keys_sequence = now;
      device.log.Line("keys changed: key change " + std::to_string(now) + " applied");
      PinAuthorities(device);
    }
    PostLogs(device);
    if (activity.more_work) {
      continue;
    }
    RenewWhenDue(device);
    milliseconds timeout =
        std::min({milliseconds(activity.wait_ms), kLongestWait, device.poster.Wait(SteadyNow())});
    std::vector<int> fds = {device.stop_fd};
    device.app.PrepareWait(fds, timeout);
    device.cloud.Wait(fds, timeout);
  }
}

Outcome RunIn(const DeviceDirectory& directory, const RunOptions& options, Log& log) {
  const UniqueFd stop = CatchEndSignals();
  if (const Status ready = platform::PsaCrypto::Init(); !ready.ok()) {
    return Failure{ready.error(), Describe(ready.error())};
  }
  platform::PsaIdentity identity(directory.sid());
  if (Outcome loaded = LoadIdentity(directory, identity); !loaded.ok()) {
    return loaded;
  }
  LogPoster poster(directory.sid());
  auto app = MakeApp(directory, options, poster, log);
  if (!app.ok()) {
    return app.failure();
  }
  platform::PsaCrypto crypto;
  auto flash = PrepareFlash(directory, crypto, log);
  if (!flash.ok()) {
    return flash.failure();
  }
  auto cloud = MakeCloud(directory, options, stop.get(), poster, log);
  if (!cloud.ok()) {
    return cloud.failure();
  }
  platform::PsaEntropy entropy;
  MonotonicClock clock;
  engine::FlashKeyStore keys(*flash->secure, crypto);
  StateLog states(log, [&poster](engine::State to, const Error& error) {
    poster.AddState(to, error, SteadyNow());
  });
  const engine::EnginePorts ports{*flash->internal,
                                  *flash->external,
                                  *flash->secure,
                                  crypto,
                                  entropy,
                                  clock,
                                  **app,
                                  **cloud,
                                  keys,
                                  identity,
                                  states};
  const auto engine = std::make_unique<engine::Engine>(directory.profile(), ports);
  if (const Status booted = engine->Boot(); !booted.ok()) {
    return Failure{booted.error(), "the device can't start: " + Describe(booted.error())};
  }
  states.Flush(engine->snapshot());
  log.Line(StateLine(engine->snapshot()));
  Renewal renewal(
      directory.IdentityCertificateFile(),
      directory.IdentityKeyFile(),
      [&cloud](ByteSpan request, MutableByteSpan answer) {
        return (*cloud)->RenewCertificate(request, answer);
      },
      log);
  Loop({*engine, **app, **cloud, states, renewal, poster, keys, log, stop.get()});
  if (const Status stopped = (*app)->Stop(); !stopped.ok()) {
    return Failure{stopped.error(), "the app does not end: " + Describe(stopped.error())};
  }
  return Done{};
}

}  // namespace

int Run(const RunOptions& options) {
  const auto directory = DeviceDirectory::Open(options.directory);
  if (!directory.ok()) {
    return Complain(directory.failure());
  }
  const auto lock = directory->Lock();
  if (!lock.ok()) {
    return Complain(lock.failure());
  }
  Log log(STDOUT_FILENO);
  log.Line("device " + std::string(directory->sid().text()) + " starts: hardware " +
           std::string(directory->profile().name) + ", cloud " + directory->device_url() +
           (directory->development() ? ", development" : ""));
  if (const Outcome ended = RunIn(*directory, options, log); !ended.ok()) {
    return Complain(ended.failure());
  }
  log.Line("device ends");
  return 0;
}

}  // namespace strata::device
