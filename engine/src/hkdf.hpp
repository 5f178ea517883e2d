// SPDX-License-Identifier: Apache-2.0
/// HKDF-SHA-256 (RFC 5869) on the Crypto port's HMAC, for outputs of at most 32 bytes: all the
/// engine needs.
#pragma once

#include <span>

#include "strata/core/secure.hpp"
#include "strata/engine/ports/crypto.hpp"

namespace strata::engine {

using Prk = Secret<32>;

/// At most this many parts of input keying material or info.
inline constexpr std::size_t kMaxHkdfParts = 6;

/// PRK = HMAC(salt, parts). * kCryptoFailed. * kInvalidArgument: too many parts.
Status HkdfExtract(ports::Crypto& crypto, ByteSpan salt, std::span<const ByteSpan> ikm, Prk& out);

/// The first out.size() ≤ 32 bytes of HKDF-Expand(prk, info). * kCryptoFailed. * kInvalidArgument.
Status HkdfExpand(ports::Crypto& crypto,
                  ByteSpan prk,
                  std::span<const ByteSpan> info,
                  MutableByteSpan out);

}  // namespace strata::engine
