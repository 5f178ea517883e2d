// SPDX-License-Identifier: Apache-2.0
/// RunningHash: one SHA-256 in pieces over the Crypto port. Role: bookkeeping only.
#pragma once

#include <span>

#include "strata/core/digest.hpp"
#include "strata/engine/ports/crypto.hpp"

namespace strata::engine {

class RunningHash {
 public:
  explicit RunningHash(ports::Crypto& crypto) : crypto_(crypto) {}

  Status Start() { return crypto_.HashStart(state_); }

  Status Update(ByteSpan data) { return crypto_.HashUpdate(state_, data); }

  /// Adds `count` bytes of 0xFF: the tail of a placement.
  Status UpdateErased(std::uint32_t count);

  Result<Digest> Finish();

 private:
  ports::Crypto& crypto_;
  ports::HashState state_;
};

/// SHA-256 over the concatenation of `parts`. * kCryptoFailed.
Result<Digest> DigestOf(ports::Crypto& crypto, std::span<const ByteSpan> parts);

}  // namespace strata::engine
