// SPDX-License-Identifier: Apache-2.0
/// Walks the fields of one protobuf message in place. Role: wire format only; never copies, never
/// looks into nested messages by itself. Accepts exactly what libprotobuf accepts, overlong varints
/// and groups included, so that the device never refuses a signed manifest that the tools passed.
/// That is why this is not nanopb, whose generated decoder refuses wrong wire types and groups,
/// does not tell "too many" or "too long" from "malformed", and needs 4 KiB more memory. Source:
/// protobuf encoding specification; protobuf 3.21 parse_context.cc for its limits.
#pragma once

#include <cstdint>

#include "strata/core/bytes.hpp"

namespace strata::manifest {

enum class WireType : std::uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

struct Field {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t varint = 0;  ///< of kVarint
  ByteSpan bytes{};          ///< of kBytes; points into the message

  [[nodiscard]] bool IsVarint(std::uint32_t wanted) const {
    return number == wanted && type == WireType::kVarint;
  }

  [[nodiscard]] bool IsBytes(std::uint32_t wanted) const {
    return number == wanted && type == WireType::kBytes;
  }

  /// Larger numbers lose their upper bits, as protobuf says.
  [[nodiscard]] std::uint32_t Uint32() const { return static_cast<std::uint32_t>(varint); }
};

/// One number of a packed field: takes it from the front of `packed`. False: there is none.
bool TakePackedVarint(ByteSpan& packed, std::uint64_t& value);

class MessageReader {
 public:
  /// Messages and groups inside one another.
  static constexpr std::uint32_t kMaxDepth = 100;

  explicit MessageReader(ByteSpan message, std::uint32_t depth_left = kMaxDepth)
      : in_(message), depth_left_(depth_left) {}

  /// The next field; a group is skipped and comes as one field. False at the end or when malformed.
  bool Next(Field& field);

  /// False once something was malformed.
  [[nodiscard]] bool ok() const { return ok_; }

  /// What was not read yet.
  [[nodiscard]] ByteSpan rest() const { return in_; }

  /// A reader for the message in `field`, which is a kBytes field of this one.
  [[nodiscard]] MessageReader Nested(const Field& field) const {
    return MessageReader(field.bytes, depth_left_ - 1);
  }

 private:
  bool ReadField(Field& field);
  bool ReadTag(Field& field);
  bool ReadPayload(Field& field);
  bool ReadVarint(std::size_t max_bytes, std::uint64_t& value);
  bool ReadLength(std::size_t& length);
  bool Skip(std::size_t bytes);
  bool SkipGroup(std::uint32_t number);

  ByteSpan in_;
  std::uint32_t depth_left_;
  bool ok_ = true;
};

}  // namespace strata::manifest
