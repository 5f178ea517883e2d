// SPDX-License-Identifier: Apache-2.0
/// What the cloud must know of a device's key store to never overfill it.
#pragma once

#include <cstddef>

namespace strata::cloud {

/// Places for manifest signers.
inline constexpr std::size_t kMaxSignersOnDevice = 8;

}  // namespace strata::cloud
