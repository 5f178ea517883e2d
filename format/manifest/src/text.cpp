// SPDX-License-Identifier: Apache-2.0
#include "text.hpp"

namespace strata::manifest {
namespace {

constexpr std::uint32_t kInvalid = 0xffffffff;

struct Lead {
  std::size_t follow_bytes;
  std::uint32_t bits;
  std::uint32_t least;  // a smaller code point has a shorter form
};

constexpr Lead kNoLead = {0, kInvalid, 0};

Lead LeadOf(std::uint8_t byte) {
  if (byte < 0x80) {
    return {0, byte, 0};
  }
  if (byte >= 0xc0 && byte < 0xe0) {
    return {1, byte & 0x1fU, 0x80};
  }
  if (byte >= 0xe0 && byte < 0xf0) {
    return {2, byte & 0x0fU, 0x800};
  }
  if (byte >= 0xf0 && byte < 0xf8) {
    return {3, byte & 0x07U, 0x10000};
  }
  return kNoLead;
}

// Takes one code point off the front of `text`; kInvalid when there is no well-formed one.
std::uint32_t Take(ByteSpan& text) {
  const Lead lead = LeadOf(text[0]);
  if (lead.bits == kInvalid || text.size() <= lead.follow_bytes) {
    return kInvalid;
  }
  std::uint32_t point = lead.bits;
  for (const std::uint8_t byte : text.subspan(1, lead.follow_bytes)) {
    if ((byte & 0xc0) != 0x80) {
      return kInvalid;
    }
    point = (point << 6) | (byte & 0x3fU);
  }
  const bool surrogate = point >= 0xd800 && point < 0xe000;
  if (point < lead.least || point > 0x10ffff || surrogate) {
    return kInvalid;
  }
  text = text.subspan(1 + lead.follow_bytes);
  return point;
}

}  // namespace

bool IsUtf8(ByteSpan text) {
  while (!text.empty()) {
    if (Take(text) == kInvalid) {
      return false;
    }
  }
  return true;
}

bool HasControlCharacter(ByteSpan text) {
  while (!text.empty()) {
    const std::uint32_t point = Take(text);
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) {
      return true;
    }
  }
  return false;
}

}  // namespace strata::manifest
