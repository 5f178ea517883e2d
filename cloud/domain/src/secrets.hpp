// SPDX-License-Identifier: Apache-2.0
/// Auth tokens and API keys' secrets: 128 random bits as text, of which the cloud keeps a hash. A
/// fast hash is enough, because nobody can try 2^128 texts.
#pragma once

#include <string>
#include <string_view>

#include "strata/cloud/domain/random.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/hex.hpp"
#include "strata/core/secure.hpp"
#include "strata/format/bundle/keys.hpp"

#include "api_errors.hpp"

namespace strata::cloud {

/// 32 lowercase hexadecimal digits. * 500/20500.
inline ApiResult<std::string> NewSecret(Random& random) {
  Secret<16> bytes;
  if (const Status filled = random.Fill(bytes.bytes()); !filled.ok()) {
    return ServerFailed("random", filled.error());
  }
  std::string text(2 * bytes.bytes().size(), '\0');
  ToHex(bytes.bytes(), text);
  return text;
}

inline Digest HashOfSecret(std::string_view text) {
  return bundle::Sha256(AsBytes(text));
}

}  // namespace strata::cloud
