// SPDX-License-Identifier: Apache-2.0
/// SimCloud: the other side, in memory. Serves apps by hash, keeps desired state, verifies receipts
/// as docs/spec/wire.md says, and misbehaves on demand. Role: stands for network and cloud
/// together; knows no HTTP.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "strata/engine/ports/cloud.hpp"
#include "strata/engine/ports/crypto.hpp"
#include "strata/format/wire/wire.hpp"
#include "strata/sim/fault_counter.hpp"
#include "strata/sim/power.hpp"

namespace strata::sim {

class SimCloud final : public ports::Cloud {
 public:
  /// What it believes of a deployment, from receipts alone.
  struct Outcome {
    wire::Verdict verdict = wire::Verdict::kFailed;
    Error error;
    std::uint64_t counter = 0;
  };

  SimCloud(Power& power,
           ports::Crypto& crypto,
           const PublicKey& device_key,
           const DeviceSid& device)
      : power_(power), crypto_(crypto), device_key_(device_key), device_(device) {}

  void AddManifest(const Digest& hash, std::vector<std::uint8_t> bytes) {
    manifests_[hash] = std::move(bytes);
  }

  void AddLayer(const Digest& hash, std::vector<std::uint8_t> bytes) {
    layers_[hash] = std::move(bytes);
  }

  void RemoveLayer(const Digest& hash) { layers_.erase(hash); }

  [[nodiscard]] std::vector<std::uint8_t>& layer(const Digest& hash) { return layers_.at(hash); }

  void SetDesired(const wire::DesiredState& desired) {
    desired_ = desired;
    delivered_ = false;
  }

  /// Tells devices that the fleet's newest NewKeys message is this one.
  void AnnounceKeys(std::uint32_t sequence) {
    keys_sequence_ = sequence;
    delivered_ = false;
  }

  /// What is served as the message of that sequence, whatever it is.
  void SetNewKeys(std::uint32_t sequence, std::vector<std::uint8_t> message) {
    new_keys_[sequence] = std::move(message);
  }

  /// A new connection after a boot: desired state is told again.
  void Reconnect() {
    connected_ = true;
    delivered_ = false;
  }

  [[nodiscard]] bool connected() const { return connected_; }

  /// How often the device connected after it had let the connection go.
  [[nodiscard]] int check_ins() const { return check_ins_; }

  /// No request gets through until it is true again.
  void SetReachable(bool reachable) { reachable_ = reachable; }

  /// Longest answer to one FetchLayer().
  void SetMaxRange(std::size_t bytes) { max_range_ = bytes; }

  /// A request that is made to fail breaks.
  [[nodiscard]] FaultCounter& faults() { return faults_; }

  /// Calls `what` once, when so many bytes of layers were served.
  void WhenServed(std::uint64_t layer_bytes, std::function<void()> what) {
    served_event_ = {layer_bytes, std::move(what)};
  }

  /// Told of each receipt that counts, as it arrives.
  void SetWitness(std::function<void(const wire::ReceiptBody&)> witness) {
    witness_ = std::move(witness);
  }

  /// The next receipts arrive, but their acknowledgement is lost.
  void LoseAcknowledgements(int count) { lost_acknowledgements_ = count; }

  [[nodiscard]] std::uint64_t layer_bytes_served() const { return layer_bytes_served_; }

  [[nodiscard]] const std::vector<wire::Report>& reports() const { return reports_; }

  [[nodiscard]] std::optional<Outcome> OutcomeOf(const wire::DeploymentId& id) const;

  // ports::Cloud
  Result<std::size_t> TakeDesired(MutableByteSpan out) override;

  void SetConnected(bool connected) override;

  void RefreshDesired() override { delivered_ = false; }

  Result<std::size_t> FetchManifest(const Digest& hash, MutableByteSpan out) override;
  Result<std::size_t> FetchNewKeys(std::uint32_t sequence, MutableByteSpan out) override;
  Result<std::size_t> FetchLayer(const Digest& hash,
                                 std::uint32_t offset,
                                 std::uint32_t total_bytes,
                                 MutableByteSpan out) override;
  Status SendReport(ByteSpan report) override;
  Status SendReceipt(ByteSpan receipt) override;

 private:
  bool Breaks();
  void Store(const wire::ReceiptBody& body);

  Power& power_;
  ports::Crypto& crypto_;
  PublicKey device_key_;
  DeviceSid device_;
  std::map<Digest, std::vector<std::uint8_t>> manifests_;
  std::map<Digest, std::vector<std::uint8_t>> layers_;
  std::map<std::uint32_t, std::vector<std::uint8_t>> new_keys_;
  std::uint32_t keys_sequence_ = 0;
  wire::DesiredState desired_;
  bool delivered_ = true;
  bool reachable_ = true;
  bool connected_ = true;
  int check_ins_ = 0;
  std::size_t max_range_ = 4096;
  FaultCounter faults_;
  std::optional<std::pair<std::uint64_t, std::function<void()>>> served_event_;
  std::function<void(const wire::ReceiptBody&)> witness_;
  int lost_acknowledgements_ = 0;
  std::uint64_t layer_bytes_served_ = 0;
  std::uint64_t last_counter_ = 0;
  std::vector<wire::Report> reports_;
  std::map<wire::DeploymentId, Outcome> outcomes_;
};

}  // namespace strata::sim
