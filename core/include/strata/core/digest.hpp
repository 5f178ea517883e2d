// SPDX-License-Identifier: Apache-2.0
/// Digest: a SHA-256 value. Computing one is the business of a crypto port or library, not of core.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "strata/core/bytes.hpp"
#include "strata/core/hex.hpp"

namespace strata {

struct Digest {
  static constexpr std::size_t kBytes = 32;
  static constexpr std::size_t kHexChars = 64;

  std::array<std::uint8_t, kBytes> bytes{};

  /// 64 lowercase hexadecimal characters, or nothing. The one spelling of layer names and URL
  /// paths.
  static std::optional<Digest> FromHexText(std::string_view text) {
    Digest digest;
    if (!FromHex(text, digest.bytes)) {
      return std::nullopt;
    }
    return digest;
  }

  /// Exactly 32 bytes, or nothing.
  static std::optional<Digest> FromBytes(ByteSpan in) {
    if (in.size() != kBytes) {
      return std::nullopt;
    }
    Digest digest;
    std::memcpy(digest.bytes.data(), in.data(), kBytes);
    return digest;
  }

  [[nodiscard]] std::array<char, kHexChars> ToHexText() const {
    std::array<char, kHexChars> out{};
    ToHex(bytes, out);
    return out;
  }

  friend auto operator<=>(const Digest&, const Digest&) = default;
};

}  // namespace strata
