// SPDX-License-Identifier: Apache-2.0
/// The image's test cases: name and function, true when it passed.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "strata/core/bytes.hpp"

namespace strata::device_test {

struct Case {
  const char* name;
  bool (*run)();
};

std::span<const Case> CryptoCases();
std::span<const Case> HpkeCases();

/// Runs every case, prints PASS or FAIL and its name; the number of failures.
std::uint32_t RunAll();

/// Not constexpr, so a call ends the compilation of Hex().
void NotAHexDigit();

/// Bytes from a literal of hexadecimal digits; anything else does not compile.
template <std::size_t kChars>
consteval auto Hex(const char (&text)[kChars]) {
  static_assert(kChars % 2 == 1, "pairs of digits");
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    NotAHexDigit();
    return 0;
  };
  std::array<std::uint8_t, kChars / 2> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(digit(text[2 * i]) * 16 + digit(text[2 * i + 1]));
  }
  return bytes;
}

inline bool Same(ByteSpan a, ByteSpan b) {
  return std::ranges::equal(a, b);
}

}  // namespace strata::device_test
