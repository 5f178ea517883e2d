// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include <pb_decode.h>

#include "strata/format/wire/wire.hpp"

#include "strata_nanopb/wire.pb.h"

namespace strata::wire {
namespace {

constexpr Error kMalformed = Fail(Code::kMalformed, Op::kParse);

Status Read(ByteSpan in, const pb_msgdesc_t* fields, void* message) {
  if (in.size() > kMaxMessageBytes) {
    return kMalformed;
  }
  pb_istream_t stream = pb_istream_from_buffer(in.data(), in.size());
  return pb_decode(&stream, fields, message) ? Status() : Status(kMalformed);
}

template <typename PbBytes>
ByteSpan Span(const PbBytes& field) {
  return {field.bytes, field.size};
}

// The whole buffer counts: a NUL inside the text must not hide what follows it.
template <std::size_t kSize>
bool IsEmpty(const char (&field)[kSize]) {
  return std::all_of(field, field + kSize, [](char c) { return c == '\0'; });
}

template <typename SomeSid, std::size_t kSize>
std::optional<SomeSid> ReadSid(const char (&field)[kSize]) {
  static_assert(kSize == SomeSid::kChars + 1);
  return SomeSid::Parse({field, SomeSid::kChars});
}

template <std::size_t kSize>
bool ReadExactly(ByteSpan in, std::array<std::uint8_t, kSize>& out) {
  if (in.size() != kSize) {
    return false;
  }
  std::memcpy(out.data(), in.data(), kSize);
  return true;
}

bool ReadDeploymentId(ByteSpan in, std::optional<DeploymentId>& out) {
  if (in.empty()) {
    return true;
  }
  return ReadExactly(in, out.emplace());
}

// nanopb stores whatever number came; reading it through the enumeration's type would be undefined.
template <typename PbEnum>
std::uint32_t RawNumber(const PbEnum& field) {
  static_assert(sizeof(PbEnum) <= sizeof(std::uint32_t));
  std::uint32_t number = 0;
  std::memcpy(&number, &field, sizeof(PbEnum));
  return number;
}

template <typename Message>
bool ReadError(const Message& message, Error& out) {
  if (message.error_code > UINT16_MAX || message.error_op > UINT16_MAX) {
    return false;
  }
  out = Error{static_cast<Code>(message.error_code),
              static_cast<Op>(message.error_op),
              message.error_detail};
  return true;
}

bool ReadMeasurements(const strata_wire_ReceiptBody& message, ReceiptBody& out) {
  for (std::size_t i = 0; i < message.measurements_count; ++i) {
    if (!ReadExactly(Span(message.measurements[i]), out.measurements[i].bytes)) {
      return false;
    }
  }
  out.measurement_count = message.measurements_count;
  return true;
}

}  // namespace

Result<DesiredState> DecodeDesiredState(ByteSpan in) {
  strata_wire_DesiredState message{};
  STRATA_TRY(Read(in, &strata_wire_DesiredState_msg, &message));
  DesiredState state;
  state.restart_counter = message.restart_counter;
  state.logging_enabled = message.logging_enabled;
  state.keys_sequence = message.keys_sequence;
  if (IsEmpty(message.app_sid) && message.manifest_hash.size == 0 &&
      message.deployment_id.size == 0) {
    return state;
  }
  const auto app = ReadSid<AppSid>(message.app_sid);
  const auto hash = Digest::FromBytes(Span(message.manifest_hash));
  DeploymentId id{};
  if (!app || !hash || !ReadExactly(Span(message.deployment_id), id)) {
    return kMalformed;
  }
  state.deployment = Deployment{*app, *hash, id};
  return state;
}

Result<Report> DecodeReport(ByteSpan in) {
  strata_wire_Report message{};
  STRATA_TRY(Read(in, &strata_wire_Report_msg, &message));
  Report report;
  const std::uint32_t state = RawNumber(message.state);
  if (state < static_cast<std::uint32_t>(UpdateState::kIdle) ||
      state > static_cast<std::uint32_t>(UpdateState::kFailed) ||
      !ReadDeploymentId(Span(message.deployment_id), report.deployment_id) ||
      !ReadError(message, report.error)) {
    return kMalformed;
  }
  report.state = static_cast<UpdateState>(state);
  report.bytes_staged = message.bytes_staged;
  report.bytes_total = message.bytes_total;
  report.keys_sequence = message.keys_sequence;
  return report;
}

Result<ReceiptBody> DecodeReceiptBody(ByteSpan in) {
  if (in.size() > kMaxReceiptBodyBytes) {
    return kMalformed;
  }
  strata_wire_ReceiptBody message{};
  STRATA_TRY(Read(in, &strata_wire_ReceiptBody_msg, &message));
  const auto device = ReadSid<DeviceSid>(message.device_sid);
  const auto hash = Digest::FromBytes(Span(message.manifest_hash));
  const auto body_hash = Digest::FromBytes(Span(message.body_hash));
  const std::uint32_t verdict = RawNumber(message.verdict);
  if (!device || !hash || (!body_hash && message.body_hash.size != 0) ||
      verdict < static_cast<std::uint32_t>(Verdict::kConfirmed) ||
      verdict > static_cast<std::uint32_t>(Verdict::kFailed)) {
    return kMalformed;
  }
  Result<ReceiptBody> result(ReceiptBody{.device = *device});
  ReceiptBody& body = *result;
  if (!ReadExactly(Span(message.deployment_id), body.deployment_id) ||
      !ReadError(message, body.error) || !ReadMeasurements(message, body)) {
    return kMalformed;
  }
  body.manifest_hash = *hash;
  body.body_hash = body_hash;
  body.counter = message.counter;
  body.boot_count = message.boot_count;
  body.verdict = static_cast<Verdict>(verdict);
  return result;
}

Result<Receipt> DecodeReceipt(ByteSpan in, MutableByteSpan storage) {
  if (storage.size() < kMaxReceiptBodyBytes) {
    return Fail(Code::kTooLarge, Op::kParse, static_cast<std::uint32_t>(storage.size()));
  }
  strata_wire_Receipt message{};
  STRATA_TRY(Read(in, &strata_wire_Receipt_msg, &message));
  Receipt receipt;
  if (message.body.size == 0 || message.body.size > kMaxReceiptBodyBytes ||
      !ReadExactly(Span(message.signature), receipt.signature)) {
    return kMalformed;
  }
  std::memcpy(storage.data(), message.body.bytes, message.body.size);
  receipt.body = storage.first(message.body.size);
  return receipt;
}

}  // namespace strata::wire
