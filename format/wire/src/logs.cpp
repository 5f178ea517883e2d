// SPDX-License-Identifier: Apache-2.0
// Batches of log lines, read and written line by line, without a copy of their own.
#include <algorithm>

#include <pb_decode.h>
#include <pb_encode.h>

#include "strata/format/wire/wire.hpp"

#include "source_stream.hpp"
#include "strata_nanopb/wire.pb.h"

namespace strata::wire {
namespace {

constexpr Error kMalformed = Fail(Code::kMalformed, Op::kParse);

bool IsValid(const LogLine& line) {
  const auto kind = static_cast<std::uint32_t>(line.kind);
  return kind >= 1 && kind <= 3 && line.text.size() <= kMaxLogTextBytes;
}

bool IsEmpty(const LogBatch& batch) {
  return batch.count == 0 && batch.dropped == 0;
}

bool WriteLines(pb_ostream_t* stream, const pb_field_t* field, void* const* arg) {
  const auto* const batch = static_cast<const LogBatch*>(*arg);
  for (std::size_t i = 0; i < batch->count; ++i) {
    ByteSpan text = batch->lines[i].text;
    strata_wire_LogLine line{};
    line.kind = static_cast<strata_wire_LogKind>(batch->lines[i].kind);
    line.age_ms = batch->lines[i].age_ms;
    line.text.funcs.encode = WriteSpan;
    line.text.arg = &text;
    if (!pb_encode_tag_for_field(stream, field) ||
        !pb_encode_submessage(stream, &strata_wire_LogLine_msg, &line)) {
      return false;
    }
  }
  return true;
}

bool ReadLine(pb_istream_t* stream, const pb_field_t*, void** arg) {
  auto* const batch = static_cast<LogBatch*>(*arg);
  if (batch->count == kMaxLogLines || !IsFromSource(*stream)) {
    return false;
  }
  LogLine& out = batch->lines[batch->count++];
  strata_wire_LogLine line{};
  line.text.funcs.decode = ReadSpan;
  line.text.arg = &out.text;
  if (!pb_decode(stream, &strata_wire_LogLine_msg, &line)) {
    return false;
  }
  out.age_ms = line.age_ms;
  return ReadEnum(line.kind, 3, out.kind) && IsValid(out);
}

}  // namespace

Result<std::size_t> Encode(const LogBatch& batch, MutableByteSpan out) {
  if (batch.count > kMaxLogLines || IsEmpty(batch) ||
      !std::all_of(batch.lines.begin(), batch.lines.begin() + batch.count, IsValid)) {
    return Fail(Code::kInvalidArgument);
  }
  strata_wire_LogBatch message{};
  message.dropped = batch.dropped;
  message.lines.funcs.encode = WriteLines;
  message.lines.arg = const_cast<LogBatch*>(&batch);  // nanopb's argument serves both directions
  pb_ostream_t stream = pb_ostream_from_buffer(out.data(), std::min(out.size(), kMaxLogBatchBytes));
  if (!pb_encode(&stream, &strata_wire_LogBatch_msg, &message)) {
    return Fail(Code::kTooLarge);
  }
  return stream.bytes_written;
}

Result<LogBatch> DecodeLogBatch(ByteSpan in) {
  if (in.size() > kMaxLogBatchBytes) {
    return kMalformed;
  }
  Result<LogBatch> result(LogBatch{});
  LogBatch& batch = *result;
  Source source{in.data()};
  pb_istream_t stream = OpenSource(source, in.size());
  strata_wire_LogBatch message{};
  message.lines.funcs.decode = ReadLine;
  message.lines.arg = &batch;
  if (!pb_decode(&stream, &strata_wire_LogBatch_msg, &message)) {
    return kMalformed;
  }
  batch.dropped = message.dropped;
  if (IsEmpty(batch)) {
    return kMalformed;
  }
  return result;
}

}  // namespace strata::wire
