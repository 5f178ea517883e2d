// SPDX-License-Identifier: Apache-2.0
#include "outbox.hpp"

namespace strata::engine {

bool Outbox::Report(const wire::Report& report) {
  const std::uint64_t now = tools_.clock.NowMs();
  if (now < report_not_before_ms_) {
    return false;
  }
  std::array<std::uint8_t, wire::kMaxReportBytes> bytes{};
  const auto size = wire::Encode(report, bytes);
  if (!size.ok()) {
    return false;
  }
  if (tools_.cloud.SendReport(ByteSpan(bytes).first(*size)).ok()) {
    report_backoff_.Reset();
    return true;
  }
  report_not_before_ms_ = now + report_backoff_.NextMs();
  return false;
}

Result<std::uint32_t> Outbox::SendReceipt() {
  if (!tools_.journal.state().receipt) {
    return std::uint32_t{0};
  }
  const std::uint64_t now = tools_.clock.NowMs();
  if (now < receipt_not_before_ms_) {
    return static_cast<std::uint32_t>(receipt_not_before_ms_ - now);
  }
  const Conclusion conclusion = *tools_.journal.state().receipt;
  const MutableByteSpan out = MutableByteSpan(tools_.buffers.scratch).first(wire::kMaxReceiptBytes);
  const auto size = MakeReceipt(conclusion, out);
  if (!size.ok() || !tools_.cloud.SendReceipt(out.first(*size))) {
    const std::uint32_t wait = receipt_backoff_.NextMs();
    receipt_not_before_ms_ = now + wait;
    return wait;
  }
  receipt_backoff_.Reset();
  STRATA_TRY(tools_.journal.Append(RecordType::kReceiptStored, BigEndian(conclusion.counter)));
  return std::uint32_t{0};
}

Status Outbox::FillMeasurements(wire::ReceiptBody& body) {
  // Confirmed means that each placement was read back with the digest of the manifest.
  STRATA_TRY_ASSIGN(SlotLayers layers, tools_.book.Layers(tools_.journal.state().current_slot));
  for (;;) {
    STRATA_TRY_ASSIGN(const bool another, layers.Next());
    if (!another) {
      return {};
    }
    body.measurements[body.measurement_count++] = layers.layer().measurement_digest;
  }
}

Result<std::size_t> Outbox::MakeReceipt(const Conclusion& conclusion, MutableByteSpan out) {
  const JournalState& state = tools_.journal.state();
  wire::ReceiptBody body{.device = tools_.identity.sid(),
                         .deployment_id = conclusion.deployment_id,
                         .manifest_hash = conclusion.manifest_hash,
                         .body_hash = conclusion.body_hash,
                         .measurements = {},
                         .measurement_count = 0,
                         .counter = conclusion.counter,
                         .boot_count = state.boot_count,
                         .verdict = conclusion.verdict,
                         .error = conclusion.error};
  if (conclusion.verdict == wire::Verdict::kConfirmed) {
    STRATA_TRY(FillMeasurements(body));
  }
  const MutableByteSpan body_room =
      MutableByteSpan(tools_.buffers.scratch).last(wire::kMaxReceiptBodyBytes);
  STRATA_TRY_ASSIGN(const std::size_t body_size, wire::Encode(body, body_room));
  wire::Receipt receipt{.body = body_room.first(body_size), .signature = {}};
  const std::array<ByteSpan, 2> parts = {wire::kReceiptPrefix, receipt.body};
  STRATA_TRY_ASSIGN(receipt.signature, tools_.identity.Sign(parts));
  return wire::Encode(receipt, out);
}

}  // namespace strata::engine
