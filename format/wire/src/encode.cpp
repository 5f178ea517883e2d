// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include <pb_encode.h>

#include "strata/format/wire/wire.hpp"

#include "strata_nanopb/wire.pb.h"

namespace strata::wire {
namespace {

template <typename PbBytes>
void SetBytes(PbBytes& field, ByteSpan value) {
  static_assert(sizeof(field.bytes) <= UINT16_MAX);
  field.size = static_cast<pb_size_t>(value.size());
  std::memcpy(field.bytes, value.data(), value.size());
}

// nanopb's strings end with NUL; the room for it stands in wire.options.
template <std::size_t kSize, SidKind kKind>
void SetSid(char (&field)[kSize], const Sid<kKind>& sid) {
  static_assert(kSize == Sid<kKind>::kChars + 1);
  std::memcpy(field, sid.text().data(), Sid<kKind>::kChars);
  field[Sid<kKind>::kChars] = '\0';
}

template <typename Message>
void SetError(Message& message, const Error& error) {
  message.error_code = static_cast<std::uint32_t>(error.code);
  message.error_op = static_cast<std::uint32_t>(error.op);
  message.error_detail = error.detail;
}

Result<std::size_t> Write(const pb_msgdesc_t* fields, const void* message, MutableByteSpan out) {
  pb_ostream_t stream = pb_ostream_from_buffer(out.data(), out.size());
  if (!pb_encode(&stream, fields, message)) {
    return Fail(Code::kTooLarge);
  }
  return stream.bytes_written;
}

}  // namespace

Result<std::size_t> Encode(const DesiredState& state, MutableByteSpan out) {
  if (out.size() < kMaxDesiredStateBytes) {
    return Fail(Code::kTooLarge);
  }
  strata_wire_DesiredState message = strata_wire_DesiredState_init_zero;
  if (state.deployment) {
    SetSid(message.app_sid, state.deployment->app);
    SetBytes(message.manifest_hash, state.deployment->manifest_hash.bytes);
    SetBytes(message.deployment_id, state.deployment->id);
  }
  message.restart_counter = state.restart_counter;
  message.logging_enabled = state.logging_enabled;
  message.keys_sequence = state.keys_sequence;
  return Write(&strata_wire_DesiredState_msg, &message, out.first(kMaxDesiredStateBytes));
}

Result<std::size_t> Encode(const Report& report, MutableByteSpan out) {
  if (out.size() < kMaxReportBytes) {
    return Fail(Code::kTooLarge);
  }
  strata_wire_Report message = strata_wire_Report_init_zero;
  if (report.deployment_id) {
    SetBytes(message.deployment_id, *report.deployment_id);
  }
  message.state = static_cast<strata_wire_UpdateState>(report.state);
  message.bytes_staged = report.bytes_staged;
  message.bytes_total = report.bytes_total;
  SetError(message, report.error);
  message.keys_sequence = report.keys_sequence;
  return Write(&strata_wire_Report_msg, &message, out.first(kMaxReportBytes));
}

Result<std::size_t> Encode(const ReceiptBody& body, MutableByteSpan out) {
  if (out.size() < kMaxReceiptBodyBytes) {
    return Fail(Code::kTooLarge);
  }
  if (body.measurement_count > kMaxLayers) {
    return Fail(Code::kInvalidArgument, Op::kNone, body.measurement_count);
  }
  strata_wire_ReceiptBody message = strata_wire_ReceiptBody_init_zero;
  SetSid(message.device_sid, body.device);
  SetBytes(message.deployment_id, body.deployment_id);
  SetBytes(message.manifest_hash, body.manifest_hash.bytes);
  if (body.body_hash) {
    SetBytes(message.body_hash, body.body_hash->bytes);
  }
  message.measurements_count = static_cast<pb_size_t>(body.measurement_count);
  for (std::size_t i = 0; i < body.measurement_count; ++i) {
    SetBytes(message.measurements[i], body.measurements[i].bytes);
  }
  message.counter = body.counter;
  message.boot_count = body.boot_count;
  message.verdict = static_cast<strata_wire_Verdict>(body.verdict);
  SetError(message, body.error);
  return Write(&strata_wire_ReceiptBody_msg, &message, out.first(kMaxReceiptBodyBytes));
}

Result<std::size_t> Encode(const Receipt& receipt, MutableByteSpan out) {
  if (out.size() < kMaxReceiptBytes) {
    return Fail(Code::kTooLarge);
  }
  if (receipt.body.empty() || receipt.body.size() > kMaxReceiptBodyBytes) {
    return Fail(Code::kInvalidArgument, Op::kNone, static_cast<std::uint32_t>(receipt.body.size()));
  }
  strata_wire_Receipt message = strata_wire_Receipt_init_zero;
  SetBytes(message.body, receipt.body);
  SetBytes(message.signature, receipt.signature);
  return Write(&strata_wire_Receipt_msg, &message, out.first(kMaxReceiptBytes));
}

}  // namespace strata::wire
