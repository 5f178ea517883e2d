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

  /// About so many windows are expected.
  explicit PlaintextFilter(std::size_t windows = std::size_t{1} << 18);

  void Add(ByteSpan text);

  /// Whether `bytes` hold a window of what was added.
  [[nodiscard]] bool Recognises(ByteSpan bytes) const;

 private:
  std::size_t mask_;
  std::vector<std::uint64_t> bloom_;
  std::unordered_set<std::uint64_t> windows_;
};

}  // namespace strata::sim
