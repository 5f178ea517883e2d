// SPDX-License-Identifier: Apache-2.0
/// Byte spans and big-endian integers. Lengths and offsets are in bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace strata {

using ByteSpan = std::span<const std::uint8_t>;
using MutableByteSpan = std::span<std::uint8_t>;

/// The characters of `text` as bytes, without a terminator; lives as long as `text`.
inline ByteSpan AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view AsText(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline bool Equal(ByteSpan a, ByteSpan b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

template <typename Unsigned>
constexpr std::array<std::uint8_t, sizeof(Unsigned)> BigEndian(Unsigned value) {
  std::array<std::uint8_t, sizeof(Unsigned)> out{};
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    out[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(Unsigned) - 1 - i)));
  }
  return out;
}

/// Reads sizeof(Unsigned) bytes from the start of `in`, which must be long enough.
template <typename Unsigned>
constexpr Unsigned LoadBigEndian(ByteSpan in) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>((value << 8) | in[i]);
  }
  return value;
}

}  // namespace strata
