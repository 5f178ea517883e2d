// SPDX-License-Identifier: Apache-2.0
/// Engine: brings a device to its target app, completely or not at all.
/// Role: the ten steps of docs/architecture.md from the desired state to the receipt, over ports.
/// Never learns of HTTP, zip or JSON; never allocates; holds no global state (one process may run a
/// thousand engines). Context: single-threaded. Step() does a bounded piece of work (at most one
/// chunk fetched and sealed, one erase unit written or measured) and returns; the caller calls it
/// again as Activity says. Durability: every decision is in the journal before it is acted on; the
/// engine may be destroyed at any instant and a new one booted over the same flash. Reference:
/// docs/spec/journal.md, staging.md; page "How is the bundle processed?"; invariants in
/// docs/architecture.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "strata/core/digest.hpp"
#include "strata/core/hardware.hpp"
#include "strata/core/result.hpp"
#include "strata/core/sid.hpp"
#include "strata/engine/debug.hpp"
#include "strata/engine/ports/app.hpp"
#include "strata/engine/ports/clock.hpp"
#include "strata/engine/ports/cloud.hpp"
#include "strata/engine/ports/crypto.hpp"
#include "strata/engine/ports/entropy.hpp"
#include "strata/engine/ports/flash.hpp"
#include "strata/engine/ports/identity.hpp"
#include "strata/engine/ports/key_store.hpp"
#include "strata/format/wire/wire.hpp"

namespace strata::engine {

using State = wire::UpdateState;

/// Told of every change of state, from inside Step() or Boot(). Must not call the engine.
class Observer {
 public:
  virtual ~Observer() = default;
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  /// `error` has kOk unless the change is a failure or a revert.
  virtual void OnStateChange(State from, State to, const Error& error) = 0;
};

/// Everything the engine needs of the world; all outlive it.
struct EnginePorts {
  ports::Flash& internal;  ///< application flash, offset 0 = start of the internal medium
  ports::Flash&
      external;  ///< external flash: application data, then two staging slots (HardwareProfile)
  ports::Flash& secure;  ///< on-die, trusted: key store and journal (SecureLayout)
  ports::Crypto& crypto;
  ports::Entropy& entropy;
  ports::Clock& clock;
  ports::App& app;
  ports::Cloud& cloud;
  ports::RotatingKeyStore& keys;
  ports::Identity& identity;
  Observer& observer;
};

/// Where things lie on the secure flash, all in whole erase units: key store (2), journal (2).
struct SecureLayout {
  std::uint32_t key_store_start = 0;
  std::uint32_t journal_start = 0;
  std::uint32_t size_bytes = 0;

  static constexpr SecureLayout For(const ports::FlashGeometry& geometry) {
    return {0, 2 * geometry.erase_unit_bytes, 4 * geometry.erase_unit_bytes};
  }
};

struct Activity {
  bool more_work = false;     ///< true: call Step() again at once
  std::uint32_t wait_ms = 0;  ///< else: after this time at the latest, or when a port has news
};

/// What the device runs and does, for status and logs.
struct Snapshot {
  State state = State::kIdle;
  std::optional<wire::Deployment>
      current;                             ///< the confirmed (or only) app; nullopt: none installed
  std::optional<wire::Deployment> update;  ///< the update under way
  Error last_error;  ///< of the last update that failed or was reverted; kOk after a good one
  std::uint32_t bytes_staged = 0;
  std::uint32_t bytes_total = 0;
  std::uint32_t security_counter = 0;
  std::uint32_t boot_count = 0;
  std::uint32_t keys_sequence =
      0;  ///< NewKeys message the keys stand at; ReadSnapshot() does not tell
};

/// Reads the journal without changing anything; for a status command while no engine, or another
/// one, runs.
/// * kJournalCorrupt. * kFlashIo.
Result<Snapshot> ReadSnapshot(ports::Flash& secure, ports::Crypto& crypto);

/// This device's own version, compared with a manifest's minimum_kernel_version.
inline constexpr std::uint32_t kKernelVersion = 1;

class Engine {
 public:
  /// `profile` describes the very geometry of the three flashes.
  Engine(const HardwareProfile& profile, const EnginePorts& ports);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Reads the journal, counts the boot, and brings the device into the state from which Step()
  /// goes on: resumes an interrupted apply or revert, otherwise measures the installed app and
  /// starts it. Bounded; may take the time of one full measurement. Never fails on damaged flash
  /// contents: those lead to Recovering.
  /// * kFlashIo, kCryptoFailed, kEntropyFailed: the hardware does not work; boot again.
  Status Boot();

  Activity Step();

  [[nodiscard]] Snapshot snapshot() const;

  /// A fresh challenge for a debugger's peer; debugging is closed and an earlier challenge
  /// forgotten.
  /// * kDebugRefused: no app runs, or its manifest carries no debug key. * kEntropyFailed.
  /// Reference: docs/spec/debug.md.
  Result<DebugChallenge> ChallengeDebugger();

  /// Opens debugging if `signature` is the running app's debug key's over the challenge. Uses the
  /// challenge up, right or wrong. Security: `signature` is an attacker's.
  /// * kDebugNoChallenge: none is open, also because the app ended since. * kSignatureInvalid.
  /// * kDebugRefused. * kKeyInvalid, kCryptoFailed.
  Status OpenDebugging(const Signature& signature);

  /// Whether a debugger may act now; false again as soon as the app stops, crashes or is started.
  [[nodiscard]] bool debugging_open() const;

 private:
  struct Impl;
  // In place, without a heap; engine.cpp asserts that it fits, on a device closely.
  static constexpr std::size_t kImplBytes = sizeof(void*) == 4 ? 12'272 : 18'432;
  alignas(16) std::array<std::byte, kImplBytes> storage_;
  Impl* impl_;
};

}  // namespace strata::engine
