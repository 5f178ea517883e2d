// SPDX-License-Identifier: Apache-2.0
// Written field by field: nanopb's structures would hold each message a second time, on the stack
// of a device.
#include <pb_encode.h>

#include "strata/format/wire/wire.hpp"

#include "strata_nanopb/wire.pb.h"

namespace strata::wire {
namespace {

/// Fields as proto3 writes them: ascending (the caller's duty), and none that is empty or 0.
class FieldWriter {
 public:
  explicit FieldWriter(MutableByteSpan out)
      : stream_(pb_ostream_from_buffer(out.data(), out.size())) {}

  void Bytes(std::uint32_t tag, ByteSpan value) {
    ok_ = ok_ && (value.empty() || (pb_encode_tag(&stream_, PB_WT_STRING, tag) &&
                                    pb_encode_string(&stream_, value.data(), value.size())));
  }

  void Number(std::uint32_t tag, std::uint64_t value) {
    ok_ = ok_ && (value == 0 || (pb_encode_tag(&stream_, PB_WT_VARINT, tag) &&
                                 pb_encode_varint(&stream_, value)));
  }

  /// How much was written. * kTooLarge.
  [[nodiscard]] Result<std::size_t> Size() const {
    return ok_ ? Result<std::size_t>(stream_.bytes_written) : Fail(Code::kTooLarge);
  }

 private:
  pb_ostream_t stream_;
  bool ok_ = true;
};

}  // namespace

Result<std::size_t> Encode(const DesiredState& state, MutableByteSpan out) {
  if (out.size() < kMaxDesiredStateBytes) {
    return Fail(Code::kTooLarge);
  }
  FieldWriter writer(out.first(kMaxDesiredStateBytes));
  if (state.deployment) {
    writer.Bytes(strata_wire_DesiredState_app_sid_tag, AsBytes(state.deployment->app.text()));
    writer.Bytes(strata_wire_DesiredState_manifest_hash_tag, state.deployment->manifest_hash.bytes);
    writer.Bytes(strata_wire_DesiredState_deployment_id_tag, state.deployment->id);
  }
  writer.Number(strata_wire_DesiredState_restart_counter_tag, state.restart_counter);
  writer.Number(strata_wire_DesiredState_logging_enabled_tag, state.logging_enabled ? 1 : 0);
  writer.Number(strata_wire_DesiredState_keys_sequence_tag, state.keys_sequence);
  return writer.Size();
}

Result<std::size_t> Encode(const Report& report, MutableByteSpan out) {
  if (out.size() < kMaxReportBytes) {
    return Fail(Code::kTooLarge);
  }
  FieldWriter writer(out.first(kMaxReportBytes));
  if (report.deployment_id) {
    writer.Bytes(strata_wire_Report_deployment_id_tag, *report.deployment_id);
  }
  writer.Number(strata_wire_Report_state_tag, static_cast<std::uint32_t>(report.state));
  writer.Number(strata_wire_Report_bytes_staged_tag, report.bytes_staged);
  writer.Number(strata_wire_Report_bytes_total_tag, report.bytes_total);
  writer.Number(strata_wire_Report_error_code_tag, static_cast<std::uint32_t>(report.error.code));
  writer.Number(strata_wire_Report_error_op_tag, static_cast<std::uint32_t>(report.error.op));
  writer.Number(strata_wire_Report_error_detail_tag, report.error.detail);
  writer.Number(strata_wire_Report_keys_sequence_tag, report.keys_sequence);
  return writer.Size();
}

Result<std::size_t> Encode(const ReceiptBody& body, MutableByteSpan out) {
  if (out.size() < kMaxReceiptBodyBytes) {
    return Fail(Code::kTooLarge);
  }
  if (body.measurement_count > kMaxLayers) {
    return Fail(Code::kInvalidArgument, Op::kNone, body.measurement_count);
  }
  FieldWriter writer(out.first(kMaxReceiptBodyBytes));
  writer.Bytes(strata_wire_ReceiptBody_device_sid_tag, AsBytes(body.device.text()));
  writer.Bytes(strata_wire_ReceiptBody_deployment_id_tag, body.deployment_id);
  writer.Bytes(strata_wire_ReceiptBody_manifest_hash_tag, body.manifest_hash.bytes);
  if (body.body_hash) {
    writer.Bytes(strata_wire_ReceiptBody_body_hash_tag, body.body_hash->bytes);
  }
  for (std::size_t i = 0; i < body.measurement_count; ++i) {
    writer.Bytes(strata_wire_ReceiptBody_measurements_tag, body.measurements[i].bytes);
  }
  writer.Number(strata_wire_ReceiptBody_counter_tag, body.counter);
  writer.Number(strata_wire_ReceiptBody_boot_count_tag, body.boot_count);
  writer.Number(strata_wire_ReceiptBody_verdict_tag, static_cast<std::uint32_t>(body.verdict));
  writer.Number(strata_wire_ReceiptBody_error_code_tag,
                static_cast<std::uint32_t>(body.error.code));
  writer.Number(strata_wire_ReceiptBody_error_op_tag, static_cast<std::uint32_t>(body.error.op));
  writer.Number(strata_wire_ReceiptBody_error_detail_tag, body.error.detail);
  return writer.Size();
}

Result<std::size_t> Encode(const Receipt& receipt, MutableByteSpan out) {
  if (out.size() < kMaxReceiptBytes) {
    return Fail(Code::kTooLarge);
  }
  if (receipt.body.empty() || receipt.body.size() > kMaxReceiptBodyBytes) {
    return Fail(Code::kInvalidArgument, Op::kNone, static_cast<std::uint32_t>(receipt.body.size()));
  }
  FieldWriter writer(out.first(kMaxReceiptBytes));
  writer.Bytes(strata_wire_Receipt_body_tag, receipt.body);
  writer.Bytes(strata_wire_Receipt_signature_tag, receipt.signature);
  return writer.Size();
}

}  // namespace strata::wire
