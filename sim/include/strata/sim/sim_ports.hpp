// SPDX-License-Identifier: Apache-2.0
/// The small simulated ports: clock, entropy, app, identity, and a Crypto that keeps a ledger of
/// nonces. Each has a FaultCounter: one of its calls can be made to fail.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "strata/engine/ports/app.hpp"
#include "strata/engine/ports/clock.hpp"
#include "strata/engine/ports/crypto.hpp"
#include "strata/engine/ports/entropy.hpp"
#include "strata/engine/ports/identity.hpp"
#include "strata/sim/fault_counter.hpp"

namespace strata::sim {

/// Time goes on only when told to. A clock can't fail: a call that is made to fail finds that an
/// hour has passed.
class SimClock final : public ports::Clock {
 public:
  static constexpr std::uint64_t kLeapMs = 3'600'000;

  std::uint64_t NowMs() override {
    now_ms_ += faults_.FailsNow() ? kLeapMs : 0;
    return now_ms_;
  }

  /// For the simulator itself: no call of the port.
  [[nodiscard]] std::uint64_t now_ms() const { return now_ms_; }

  void Advance(std::uint64_t ms) { now_ms_ += ms; }

  [[nodiscard]] FaultCounter& faults() { return faults_; }

 private:
  std::uint64_t now_ms_ = 1000;
  FaultCounter faults_;
};

/// Reproducible; not for keys of anything real. Never repeats between boots of one device.
class SimEntropy final : public ports::Entropy {
 public:
  explicit SimEntropy(std::uint64_t seed) : random_(seed) {}

  Status Fill(MutableByteSpan out) override;

  [[nodiscard]] FaultCounter& faults() { return faults_; }

  /// Told of everything that may have become a secret.
  void SetWitness(std::function<void(ByteSpan)> witness) { witness_ = std::move(witness); }

 private:
  std::mt19937_64 random_;
  FaultCounter faults_;
  std::function<void(ByteSpan)> witness_;
};

/// How an app behaves each time it is started.
struct AppScript {
  bool start_fails = false;
  std::optional<std::uint64_t> ready_after_ms;
  std::optional<std::uint64_t> crash_after_ms;
  bool defers = false;
  std::optional<std::uint64_t> apply_now_after_ms;  ///< after it was told of the update
};

/// The application: runs what `identify` finds in flash when it is started. A call that is made to
/// fail: it does not start, does not stop, or crashes when it is asked for news.
class SimApp final : public ports::App {
 public:
  /// Says how the app that lies in flash now behaves; panics if none may be started.
  using Identify = std::function<AppScript()>;

  SimApp(SimClock& clock, Identify identify) : clock_(clock), identify_(std::move(identify)) {}

  Status Start() override;
  Status Stop() override;
  ports::AppEvent TakeEvent() override;
  void NotifyUpdateDownloaded() override;

  /// What a power cut does to it.
  void PowerOff() { running_ = false; }

  [[nodiscard]] bool running() const { return running_; }

  [[nodiscard]] int starts() const { return starts_; }

  [[nodiscard]] int notices() const { return notices_; }

  [[nodiscard]] FaultCounter& faults() { return faults_; }

 private:
  SimClock& clock_;
  Identify identify_;
  AppScript script_;
  bool running_ = false;
  std::uint64_t started_ms_ = 0;
  std::uint64_t noticed_ms_ = 0;
  bool ready_said_ = false;
  bool apply_said_ = true;
  bool defer_said_ = true;
  int starts_ = 0;
  int notices_ = 0;
  FaultCounter faults_;
};

/// Passes everything to a real Identity.
class SimIdentity final : public ports::Identity {
 public:
  explicit SimIdentity(ports::Identity& real) : real_(real) {}

  [[nodiscard]] const DeviceSid& sid() const override { return real_.sid(); }

  Result<Signature> Sign(std::span<const ByteSpan> parts) override;

  [[nodiscard]] FaultCounter& faults() { return faults_; }

 private:
  ports::Identity& real_;
  FaultCounter faults_;
};

/// Passes everything to a real Crypto and panics when one key and nonce seal two different
/// messages.
class LedgerCrypto final : public ports::Crypto {
 public:
  explicit LedgerCrypto(ports::Crypto& real) : real_(real) {}

  Status HashStart(ports::HashState& state) override;
  Status HashUpdate(ports::HashState& state, ByteSpan data) override;
  Status HashFinish(ports::HashState& state, Digest& out) override;
  Status Hmac(ByteSpan key, std::span<const ByteSpan> parts, Digest& out) override;
  Status Seal(const ports::AeadKey& key,
              const ports::AeadNonce& nonce,
              ByteSpan aad,
              ByteSpan plaintext,
              MutableByteSpan out) override;
  Status Open(const ports::AeadKey& key,
              const ports::AeadNonce& nonce,
              ByteSpan aad,
              ByteSpan sealed,
              MutableByteSpan out) override;
  Status Verify(const PublicKey& key,
                std::span<const ByteSpan> parts,
                const Signature& signature) override;
  Status Ecdh(std::span<const std::uint8_t, kPrivateKeyBytes> scalar,
              const PublicKey& peer,
              std::span<std::uint8_t, 32> out) override;
  Status PublicOf(std::span<const std::uint8_t, kPrivateKeyBytes> scalar, PublicKey& out) override;

  [[nodiscard]] FaultCounter& faults() { return faults_; }

  [[nodiscard]] std::size_t sealed() const { return ledger_.size(); }

  /// Told of each key that something is sealed under.
  void SetWitness(std::function<void(ByteSpan)> witness) { witness_ = std::move(witness); }

 private:
  [[nodiscard]] bool FailsNow() { return faults_.FailsNow(); }

  ports::Crypto& real_;
  /// By key and nonce: size and hash of the message with its additional data.
  std::map<std::pair<ports::AeadKey, ports::AeadNonce>, std::pair<std::size_t, std::uint64_t>>
      ledger_;
  FaultCounter faults_;
  std::function<void(ByteSpan)> witness_;
};

}  // namespace strata::sim
