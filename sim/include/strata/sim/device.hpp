// SPDX-License-Identifier: Apache-2.0
/// Device: one simulated device with its cloud: the real engine over simulated ports.
/// Role: boots, cuts, boots again, and checks after every start and at the end that the device runs
/// exactly one app that was deployed, whole, and that the cloud's view is true. Panics as soon as a
/// placement is written while the app runs, a receipt praises an app that is not installed, or a
/// staging slot holds a piece of an app or a key. Scenarios (scenario.hpp) say what is deployed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "strata/engine/engine.hpp"
#include "strata/engine/flash_key_store.hpp"
#include "strata/sim/case_id.hpp"
#include "strata/sim/plaintext_filter.hpp"
#include "strata/sim/sim_cloud.hpp"
#include "strata/sim/sim_flash.hpp"
#include "strata/sim/sim_ports.hpp"

namespace strata::sim {

/// An app as the cloud serves it and as flash holds it once applied.
struct AppImage {
  std::string name;
  Digest manifest_hash;
  std::vector<std::uint8_t> manifest;

  struct Layer {
    Digest fetch_digest;
    std::vector<std::uint8_t> fetched;  ///< as transferred
    Placement placement;
    std::vector<std::uint8_t> plaintext;  ///< without the tail
  };

  std::vector<Layer> layers;
  AppScript script;
  std::uint32_t security_counter = 0;
};

/// Keys and identity of a device; the caller makes them (sim has no way to make keys).
struct Persona {
  ports::Crypto& crypto;
  ports::Identity& identity;
  PublicKey identity_key;
  engine::KeySeed keys;
};

class Device {
 public:
  Device(const HardwareProfile& profile, const Persona& persona, std::uint64_t seed);

  void AddApp(const AppImage& app);

  /// From now on panics when a piece of these texts, of a seed or of a sealing key is written to a
  /// staging slot, or stands there after a power cut.
  void WatchPlaintext(const PlaintextFilter& filter);

  /// Looks for what WatchPlaintext() says in all that changed in the staging slots since the last
  /// look (the rest was looked at before); where it stands, or nullopt.
  [[nodiscard]] std::optional<std::uint32_t> FindPlaintextInSlots();

  /// Calls `what` once, when the engine enters `state`. `what` must not call the engine.
  void WhenEntering(engine::State state, std::function<void()> what) {
    watcher_.event = {state, std::move(what)};
  }

  /// Sets the desired state to `app` under a new deployment id.
  wire::Deployment Deploy(const AppImage& app);

  /// Boots and steps, through any planned cut, until nothing is left to do. Returns false when that
  /// takes too long.
  bool RunUntilSettled();

  /// One boot and as many steps as wanted; false when the power was cut or the boot failed.
  bool BootOnce();
  engine::Activity StepOnce();
  void PowerOff();

  /// What is wrong now; empty when all is well. `expected`: the app that must be installed
  /// (nullptr: none).
  [[nodiscard]] std::string CheckRuns(const AppImage* expected);
  /// Which known app all flash contents match exactly; nullptr: none (erased flash is "no app", see
  /// `erased`).
  [[nodiscard]] const AppImage* InstalledApp() const;
  [[nodiscard]] bool InternalErased() const;

  [[nodiscard]] Power& power() { return power_; }

  [[nodiscard]] SimCloud& cloud() { return *cloud_; }

  [[nodiscard]] SimApp& app() { return app_; }

  [[nodiscard]] engine::FlashKeyStore& keys() { return *keys_; }

  [[nodiscard]] SimClock& clock() { return clock_; }

  [[nodiscard]] SimFlash& internal() { return internal_; }

  [[nodiscard]] SimFlash& external() { return external_; }

  [[nodiscard]] SimFlash& secure() { return secure_; }

  [[nodiscard]] LedgerCrypto& crypto() { return crypto_; }

  [[nodiscard]] SimEntropy& entropy() { return entropy_; }

  [[nodiscard]] SimIdentity& identity() { return identity_; }

  [[nodiscard]] FaultCounter& FaultsOf(PortName port);

  [[nodiscard]] engine::Engine* engine() { return engine_.get(); }

  [[nodiscard]] engine::Snapshot snapshot();

  [[nodiscard]] int boots() const { return boots_; }

  /// Journal records are counted by their programming into the journal's area.
  [[nodiscard]] std::uint64_t journal_programs() const { return journal_programs_; }

 private:
  struct Watcher final : engine::Observer {
    void OnStateChange(engine::State from, engine::State to, const Error& error) override;

    std::optional<std::pair<engine::State, std::function<void()>>> event;
  };

  /// An app and what internal flash holds when it is installed.
  struct KnownApp {
    AppImage image;
    std::vector<std::uint8_t> internal;
  };

  AppScript Identify();
  void GuardPlacement(std::string_view medium) const;
  void GuardExternal(std::uint32_t offset, ByteSpan data) const;
  void WitnessReceipt(const wire::ReceiptBody& body) const;

  [[nodiscard]] bool IsPlaintext(ByteSpan bytes) const {
    return plaintext_ && plaintext_->Recognises(bytes);
  }

  [[nodiscard]] bool ExternalMatches(const AppImage& app) const;
  [[nodiscard]] bool Settled(const engine::Activity& activity);

  const HardwareProfile& profile_;
  Persona persona_;
  Power power_;
  SimFlash internal_;
  SimFlash external_;
  SimFlash secure_;
  LedgerCrypto crypto_;
  SimEntropy entropy_;
  SimClock clock_;
  SimApp app_;
  SimIdentity identity_;
  std::unique_ptr<SimCloud> cloud_;
  std::unique_ptr<engine::FlashKeyStore> keys_;
  Watcher watcher_;
  std::unique_ptr<engine::Engine> engine_;
  std::vector<KnownApp> apps_;
  std::optional<PlaintextFilter> plaintext_;
  std::optional<wire::Deployment> desired_;
  std::mt19937_64 ids_;
  int boots_ = 0;
  std::uint32_t last_boot_count_ = 0;
  std::uint64_t journal_programs_ = 0;
};

}  // namespace strata::sim
