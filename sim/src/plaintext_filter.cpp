// SPDX-License-Identifier: Apache-2.0
#include "strata/sim/plaintext_filter.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace strata::sim {
namespace {

std::uint64_t HashOf(const std::uint8_t* window) {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&low, window, sizeof(low));
  std::memcpy(&high, window + sizeof(low), sizeof(high));
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  std::uint64_t hash = (low ^ (high * kOdd)) * kOdd;
  hash ^= hash >> 29;
  return hash * kOdd;
}

bool IsTelling(const std::uint8_t* window) {
  std::array<bool, 256> seen{};
  int distinct = 0;
  for (std::size_t i = 0; i < PlaintextFilter::kWindowBytes; ++i) {
    distinct += seen[window[i]] ? 0 : 1;
    seen[window[i]] = true;
  }
  return distinct >= 8;
}

constexpr std::size_t kBitsPerWindow = 16;
constexpr std::size_t kWordBits = 64;

}  // namespace

PlaintextFilter::PlaintextFilter(std::size_t windows)
    : mask_(std::bit_ceil(windows * kBitsPerWindow) - 1), bloom_((mask_ + 1) / kWordBits) {}

void PlaintextFilter::Add(ByteSpan text) {
  for (std::size_t at = 0; at + kWindowBytes <= text.size(); ++at) {
    const std::uint8_t* window = text.data() + at;
    if (IsTelling(window)) {
      const std::uint64_t hash = HashOf(window);
      windows_.insert(hash);
      bloom_[(hash & mask_) / kWordBits] |= std::uint64_t{1} << (hash % kWordBits);
    }
  }
}

bool PlaintextFilter::Recognises(ByteSpan bytes) const {
  for (std::size_t at = 0; at + kWindowBytes <= bytes.size(); ++at) {
    const std::uint64_t hash = HashOf(bytes.data() + at);
    const std::uint64_t word = bloom_[(hash & mask_) / kWordBits];
    if ((word >> (hash % kWordBits) & 1) != 0 && windows_.count(hash) != 0) {
      return true;
    }
  }
  return false;
}

}  // namespace strata::sim
