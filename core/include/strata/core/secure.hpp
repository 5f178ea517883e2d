// SPDX-License-Identifier: Apache-2.0
/// Handling of secret bytes: wiping and comparing without a timing difference.
#pragma once

#include "strata/core/bytes.hpp"

namespace strata {

/// Overwrites `secret` with zeros; the compiler can't drop it.
void SecureZero(MutableByteSpan secret);

/// True when the bytes are equal. Time depends on the lengths only, never on the contents.
[[nodiscard]] bool ConstantTimeEqual(ByteSpan a, ByteSpan b);

/// A fixed-size secret that wipes itself. Copying is explicit: pass it by reference.
template <std::size_t kSize>
class Secret {
 public:
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  ~Secret() { SecureZero(bytes_); }

  [[nodiscard]] std::span<std::uint8_t, kSize> bytes() { return bytes_; }

  [[nodiscard]] std::span<const std::uint8_t, kSize> bytes() const { return bytes_; }

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

}  // namespace strata
