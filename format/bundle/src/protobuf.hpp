// SPDX-License-Identifier: Apache-2.0
/// libprotobuf as this module uses it: bytes ↔ message, without a word on stderr.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <google/protobuf/stubs/logging.h>

#include "strata/core/bytes.hpp"

namespace strata::bundle {

/// A protobuf `bytes` field.
inline std::string Text(ByteSpan bytes) {
  return std::string(AsText(bytes));
}

inline std::vector<std::uint8_t> Vector(const std::string& bytes) {
  return {bytes.begin(), bytes.end()};
}

/// libprotobuf writes about malformed input to stderr, where an attacker's bytes have no business.
inline void SilenceProtobuf() {
  static std::once_flag once;
  std::call_once(once, [] { google::protobuf::SetLogHandler(nullptr); });
}

/// False: `bytes` are not a message of this type. At most 2 GiB.
template <typename Message>
bool Decode(ByteSpan bytes, Message& message) {
  SilenceProtobuf();
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

/// Deterministic: fields by number.
template <typename Message>
std::vector<std::uint8_t> Encode(const Message& message) {
  std::vector<std::uint8_t> out(message.ByteSizeLong());
  message.SerializeToArray(out.data(), static_cast<int>(out.size()));
  return out;
}

}  // namespace strata::bundle
