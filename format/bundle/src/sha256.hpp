// SPDX-License-Identifier: Apache-2.0
/// SHA-256 over pieces. A hasher can be copied in the middle, so one pass serves two digests.
#pragma once

#include "strata/core/digest.hpp"

#include "openssl.hpp"

namespace strata::bundle {

class Sha256Hasher {
 public:
  Sha256Hasher();
  Sha256Hasher(const Sha256Hasher& other);
  Sha256Hasher& operator=(const Sha256Hasher&) = delete;

  void Update(ByteSpan data);

  /// `count` bytes of 0xFF: the erased tail of a placement.
  void UpdateErased(std::uint64_t count);

  /// Ends this hasher; call it once.
  Digest Finish();

 private:
  DigestContextPtr context_;
};

}  // namespace strata::bundle
