// SPDX-License-Identifier: Apache-2.0
/// What a debugger's peer signs to be let in: docs/spec/debug.md.
#pragma once

#include <array>
#include <cstdint>

#include "strata/core/bytes.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/sid.hpp"

namespace strata::engine {

/// Prefix of the signature, its terminating NUL included.
inline constexpr std::array<std::uint8_t, 16> kDebugPrefix = {
    's', 't', 'r', 'a', 't', 'a', '-', 'd', 'e', 'b', 'u', 'g', '-', 'v', '1', '\0'};

struct DebugChallenge {
  DeviceSid device;
  Digest manifest_hash;  ///< of the app that runs
  std::array<std::uint8_t, 32> nonce{};

  /// What the signature covers. Views of this object and of kDebugPrefix.
  [[nodiscard]] std::array<ByteSpan, 4> SignedParts() const {
    return {kDebugPrefix, AsBytes(device.text()), manifest_hash.bytes, nonce};
  }
};

}  // namespace strata::engine
