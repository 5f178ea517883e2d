// SPDX-License-Identifier: Apache-2.0
#include "message_reader.hpp"

#include <array>

namespace strata::manifest {
namespace {

constexpr std::size_t kMaxVarintBytes = 10;
constexpr std::size_t kMaxTagBytes = 5;
constexpr std::size_t kMaxLengthBytes = 5;

/// The bytes it takes, 0: it is none.
std::size_t ReadVarintAt(ByteSpan in, std::size_t max_bytes, std::uint64_t& value) {
  value = 0;
  for (std::size_t i = 0; i < max_bytes && i < in.size(); ++i) {
    value |= static_cast<std::uint64_t>(in[i] & 0x7f) << (7 * i);
    if (in[i] < 0x80) {
      return i + 1;
    }
  }
  return 0;
}

}  // namespace

bool TakePackedVarint(ByteSpan& packed, std::uint64_t& value) {
  const std::size_t taken = ReadVarintAt(packed, kMaxVarintBytes, value);
  packed = packed.subspan(taken);
  return taken != 0;
}

bool MessageReader::Next(Field& field) {
  if (!ok_ || in_.empty()) {
    return false;
  }
  ok_ = ReadField(field);
  return ok_;
}

bool MessageReader::ReadField(Field& field) {
  if (!ReadTag(field) || field.type == WireType::kEndGroup) {
    return false;
  }
  return field.type == WireType::kStartGroup ? SkipGroup(field.number) : ReadPayload(field);
}

bool MessageReader::ReadTag(Field& field) {
  std::uint64_t raw = 0;
  if (!ReadVarint(kMaxTagBytes, raw)) {
    return false;
  }
  const auto tag = static_cast<std::uint32_t>(raw);
  field.number = tag >> 3;
  field.type = static_cast<WireType>(tag & 7);
  return field.number != 0;
}

bool MessageReader::ReadPayload(Field& field) {
  std::size_t length = 0;
  switch (field.type) {
    case WireType::kVarint:
      return ReadVarint(kMaxVarintBytes, field.varint);
    case WireType::kFixed64:
      return Skip(sizeof(std::uint64_t));
    case WireType::kFixed32:
      return Skip(sizeof(std::uint32_t));
    case WireType::kBytes:
      if (!ReadLength(length)) {
        return false;
      }
      field.bytes = in_.first(length);
      return Skip(length);
    case WireType::kStartGroup:
    case WireType::kEndGroup:
      break;
  }
  return false;
}

bool MessageReader::ReadVarint(std::size_t max_bytes, std::uint64_t& value) {
  const std::size_t taken = ReadVarintAt(in_, max_bytes, value);
  return taken != 0 && Skip(taken);
}

bool MessageReader::ReadLength(std::size_t& length) {
  std::uint64_t raw = 0;
  if (!ReadVarint(kMaxLengthBytes, raw) || raw > in_.size()) {
    return false;
  }
  length = static_cast<std::size_t>(raw);
  return true;
}

bool MessageReader::Skip(std::size_t bytes) {
  if (bytes > in_.size()) {
    return false;
  }
  in_ = in_.subspan(bytes);
  return true;
}

// Without recursion, so that no input decides how deep the stack grows.
bool MessageReader::SkipGroup(std::uint32_t number) {
  std::array<std::uint32_t, kMaxDepth> open{};
  std::uint32_t depth = 0;
  Field field{.number = number, .type = WireType::kStartGroup, .varint = 0, .bytes = {}};
  do {
    if (field.type == WireType::kStartGroup) {
      if (depth == depth_left_) {
        return false;
      }
      open[depth++] = field.number;
    } else if (field.type == WireType::kEndGroup) {
      if (open[--depth] != field.number) {
        return false;
      }
    } else if (!ReadPayload(field)) {
      return false;
    }
  } while (depth > 0 && ReadTag(field));
  return depth == 0;
}

}  // namespace strata::manifest
