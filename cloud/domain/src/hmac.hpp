// SPDX-License-Identifier: Apache-2.0
/// HMAC-SHA256 (RFC 2104), for page tokens.
#pragma once

#include "strata/core/bytes.hpp"
#include "strata/core/digest.hpp"

namespace strata::cloud {

Digest HmacSha256(ByteSpan key, ByteSpan message);

}  // namespace strata::cloud
