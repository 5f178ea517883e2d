// SPDX-License-Identifier: Apache-2.0
/// Deterministic ECDSA on a digest, apart from what is hashed, so that RFC 6979's own examples can
/// be its test.
#pragma once

#include "strata/format/bundle/keys.hpp"

namespace strata::bundle {

/// RFC 6979 with SHA-256 on P-256. * kCryptoFailed.
Expected<Signature> SignDigest(std::span<const std::uint8_t, kPrivateKeyBytes> scalar,
                               const Digest& digest);

}  // namespace strata::bundle
