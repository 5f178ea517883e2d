// SPDX-License-Identifier: Apache-2.0
/// PlaintextFilter: recognises pieces of given texts in other bytes: any window of 16 bytes with at
/// least 8 distinct values (decisions "Zero plaintext").
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "strata/core/bytes.hpp"

namespace strata::sim {

class PlaintextFilter {
 public:
  static constexpr std::size_t kWindowBytes = 16;

  PlaintextFilter() : bloom_(kBloomBits, false) {}

  void Add(ByteSpan text);

  /// Whether `bytes` hold a window of what was added.
  [[nodiscard]] bool Recognises(ByteSpan bytes) const;

 private:
  static constexpr std::size_t kBloomBits = std::size_t{1} << 22;

  std::vector<bool> bloom_;
  std::unordered_set<std::uint64_t> windows_;
};

}  // namespace strata::sim
