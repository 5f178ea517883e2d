// SPDX-License-Identifier: Apache-2.0
/// Identity: who the device is. Signs receipts; the same key authenticates its TLS connections,
/// which is the Cloud port's business.
#pragma once

#include <span>

#include "strata/core/keys.hpp"
#include "strata/core/result.hpp"
#include "strata/core/sid.hpp"

namespace strata::ports {

class Identity {
 public:
  virtual ~Identity() = default;
  Identity() = default;
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  [[nodiscard]] virtual const DeviceSid& sid() const = 0;

  /// ECDSA P-256 with SHA-256 over the concatenation of `parts`, the first of which is the
  /// NUL-terminated prefix of the kind of message signed. * kCryptoFailed.
  virtual Result<Signature> Sign(std::span<const ByteSpan> parts) = 0;
};

}  // namespace strata::ports
