// SPDX-License-Identifier: Apache-2.0
/// Entropy: random bytes good enough for keys.
#pragma once

#include "strata/core/bytes.hpp"
#include "strata/core/result.hpp"

namespace strata::ports {

class Entropy {
 public:
  virtual ~Entropy() = default;
  Entropy() = default;
  Entropy(const Entropy&) = delete;
  Entropy& operator=(const Entropy&) = delete;

  /// Fills `out`. * kEntropyFailed: `out` must not be used.
  virtual Status Fill(MutableByteSpan out) = 0;
};

}  // namespace strata::ports
