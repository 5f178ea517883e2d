// SPDX-License-Identifier: Apache-2.0
#include "strata/core/hex.hpp"

#include <cassert>

namespace strata {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

/// The value of a lowercase digit, or 16.
unsigned DigitValue(char digit) {
  const std::size_t at = kDigits.find(digit);
  return at == std::string_view::npos ? 16U : static_cast<unsigned>(at);
}

}  // namespace

void ToHex(ByteSpan in, std::span<char> out) {
  assert(out.size() >= 2 * in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    out[2 * i] = kDigits[in[i] >> 4];
    out[2 * i + 1] = kDigits[in[i] & 15U];
  }
}

bool FromHex(std::string_view in, MutableByteSpan out) {
  if (in.size() != 2 * out.size()) {
    return false;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const unsigned high = DigitValue(in[2 * i]);
    const unsigned low = DigitValue(in[2 * i + 1]);
    if (high > 15 || low > 15) {
      return false;
    }
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

}  // namespace strata
