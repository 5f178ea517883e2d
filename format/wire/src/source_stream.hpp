// SPDX-License-Identifier: Apache-2.0
/// Fields of bytes that are read where they lie and written from where they lie: messages too large
/// to be held a second time. Private to the decoders that use nanopb's callbacks.
#pragma once

#include <cstring>

#include <pb_decode.h>
#include <pb_encode.h>

#include "strata/core/bytes.hpp"

namespace strata::wire {

/// Where the reader stands: substreams share it.
struct Source {
  const std::uint8_t* at = nullptr;
};

inline bool ReadSource(pb_istream_t* stream, pb_byte_t* buffer, std::size_t count) {
  auto* const source = static_cast<Source*>(stream->state);
  if (buffer != nullptr) {
    std::memcpy(buffer, source->at, count);
  }
  source->at += count;
  return true;
}

/// `source` outlives the stream.
inline pb_istream_t OpenSource(Source& source, std::size_t size) {
  pb_istream_t stream = pb_istream_from_buffer(source.at, 0);
  stream.callback = ReadSource;
  stream.state = &source;
  stream.bytes_left = size;
  return stream;
}

/// Whether `stream` is ours. For a field of another wire type than bytes nanopb hands over a stream
/// on a copy, whose state is no Source.
inline bool IsFromSource(const pb_istream_t& stream) {
  return stream.callback == ReadSource;
}

/// nanopb callback: `*arg` is a ByteSpan that will point into the source.
inline bool ReadSpan(pb_istream_t* stream, const pb_field_t*, void** arg) {
  if (!IsFromSource(*stream)) {
    return false;
  }
  auto* const out = static_cast<ByteSpan*>(*arg);
  *out = {static_cast<const Source*>(stream->state)->at, stream->bytes_left};
  return pb_read(stream, nullptr, stream->bytes_left);
}

/// nanopb callback: `*arg` is a ByteSpan; an empty one is left out.
inline bool WriteSpan(pb_ostream_t* stream, const pb_field_t* field, void* const* arg) {
  const ByteSpan value = *static_cast<const ByteSpan*>(*arg);
  return value.empty() || (pb_encode_tag_for_field(stream, field) &&
                           pb_encode_string(stream, value.data(), value.size()));
}

/// nanopb stores whatever number came; reading it through the enumeration's type would be
/// undefined. False: not 1 … `largest`.
template <typename Enum, typename PbEnum>
bool ReadEnum(const PbEnum& field, std::uint32_t largest, Enum& out) {
  std::uint32_t number = 0;
  static_assert(sizeof(PbEnum) <= sizeof(number));
  std::memcpy(&number, &field, sizeof(PbEnum));
  out = static_cast<Enum>(number);
  return number >= 1 && number <= largest;
}

}  // namespace strata::wire
