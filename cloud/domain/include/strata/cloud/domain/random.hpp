// SPDX-License-Identifier: Apache-2.0
/// Random: bytes good enough for SIDs, deployment ids and auth tokens.
/// Context: thread-safe. Security: the real one is the operating system's generator (getrandom),
/// made by `main`.
#pragma once

#include "strata/core/bytes.hpp"
#include "strata/core/result.hpp"

namespace strata::cloud {

class Random {
 public:
  virtual ~Random() = default;
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;

  /// Fills all of `out`. * kEntropyFailed: `out` must not be used.
  virtual Status Fill(MutableByteSpan out) = 0;
};

}  // namespace strata::cloud
