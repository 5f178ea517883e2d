// SPDX-License-Identifier: Apache-2.0
#include "strata/core/secure.hpp"

namespace strata {

void SecureZero(MutableByteSpan secret) {
  volatile std::uint8_t* at = secret.data();
  for (std::size_t i = 0; i < secret.size(); ++i) {
    at[i] = 0;
  }
}

bool ConstantTimeEqual(ByteSpan a, ByteSpan b) {
  if (a.size() != b.size()) {
    return false;
  }
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

}  // namespace strata
