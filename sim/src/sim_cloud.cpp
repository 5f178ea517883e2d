// SPDX-License-Identifier: Apache-2.0
#include "strata/sim/sim_cloud.hpp"

#include <algorithm>

#include "strata/sim/panic.hpp"

namespace strata::sim {
namespace {

constexpr Error kUnreachable = Fail(Code::kCloudUnreachable);

}  // namespace

bool SimCloud::Breaks() {
  if (!connected_) {
    Panic("the cloud is asked although the connection was let go");
  }
  const bool fails = faults_.FailsNow();
  return fails || !reachable_ || !power_.alive();
}

void SimCloud::SetConnected(bool connected) {
  check_ins_ += connected && !connected_ ? 1 : 0;
  connected_ = connected;
  delivered_ = false;
}

Result<std::size_t> SimCloud::TakeDesired(MutableByteSpan out) {
  if (delivered_ || !connected_) {
    return std::size_t{0};
  }
  if (Breaks()) {
    return kUnreachable;
  }
  delivered_ = true;
  wire::DesiredState told = desired_;
  told.keys_sequence = keys_sequence_;
  return wire::Encode(told, out);
}

Result<std::size_t> SimCloud::FetchManifest(const Digest& hash, MutableByteSpan out) {
  if (Breaks()) {
    return kUnreachable;
  }
  const auto found = manifests_.find(hash);
  if (found == manifests_.end()) {
    return Fail(Code::kNotFound);
  }
  if (found->second.size() > out.size()) {
    return Fail(Code::kManifestTooLarge);
  }
  std::copy(found->second.begin(), found->second.end(), out.begin());
  return found->second.size();
}

Result<std::size_t> SimCloud::FetchNewKeys(std::uint32_t sequence, MutableByteSpan out) {
  if (Breaks()) {
    return kUnreachable;
  }
  const auto found = new_keys_.find(sequence);
  if (found == new_keys_.end()) {
    return Fail(Code::kNotFound);
  }
  if (found->second.size() > out.size()) {
    return Fail(Code::kNewKeysMalformed);
  }
  std::copy(found->second.begin(), found->second.end(), out.begin());
  return found->second.size();
}

Result<std::size_t> SimCloud::FetchLayer(const Digest& hash,
                                         std::uint32_t offset,
                                         std::uint32_t /*total_bytes*/,
                                         MutableByteSpan out) {
  if (Breaks()) {
    return kUnreachable;
  }
  const auto found = layers_.find(hash);
  if (found == layers_.end()) {
    return Fail(Code::kNotFound);
  }
  if (offset >= found->second.size()) {
    return Fail(Code::kLayerTooShort);
  }
  const std::size_t size = std::min({out.size(), found->second.size() - offset, max_range_});
  std::copy_n(found->second.begin() + offset, size, out.begin());
  layer_bytes_served_ += size;
  if (served_event_ && layer_bytes_served_ >= served_event_->first) {
    const auto event = std::move(*served_event_);
    served_event_.reset();
    event.second();
  }
  return size;
}

Status SimCloud::SendReport(ByteSpan report) {
  if (Breaks()) {
    return kUnreachable;
  }
  const auto decoded = wire::DecodeReport(report);
  if (!decoded.ok()) {
    Panic("a report can't be decoded");
  }
  reports_.push_back(*decoded);
  return {};
}

Status SimCloud::SendReceipt(ByteSpan receipt) {
  if (Breaks()) {
    return kUnreachable;
  }
  std::vector<std::uint8_t> storage(wire::kMaxReceiptBodyBytes);
  const auto envelope = wire::DecodeReceipt(receipt, storage);
  if (!envelope.ok()) {
    Panic("a receipt can't be decoded");
  }
  const std::array<ByteSpan, 2> parts = {wire::kReceiptPrefix, envelope->body};
  if (!crypto_.Verify(device_key_, parts, envelope->signature)) {
    Panic("a receipt does not verify");
  }
  const auto body = wire::DecodeReceiptBody(envelope->body);
  if (!body.ok() || body->device != device_) {
    Panic("a receipt's body is wrong");
  }
  Store(*body);
  if (lost_acknowledgements_ > 0) {
    --lost_acknowledgements_;
    return kUnreachable;
  }
  return {};
}

void SimCloud::Store(const wire::ReceiptBody& body) {
  if (body.counter <= last_counter_ || !desired_.deployment ||
      desired_.deployment->id != body.deployment_id ||
      desired_.deployment->manifest_hash != body.manifest_hash) {
    return;
  }
  if (witness_) {
    witness_(body);
  }
  last_counter_ = body.counter;
  outcomes_[body.deployment_id] = {body.verdict, body.error, body.counter};
}

std::optional<SimCloud::Outcome> SimCloud::OutcomeOf(const wire::DeploymentId& id) const {
  const auto found = outcomes_.find(id);
  return found == outcomes_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace strata::sim
