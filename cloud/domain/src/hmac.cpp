// SPDX-License-Identifier: Apache-2.0
#include "hmac.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "strata/core/secure.hpp"
#include "strata/format/bundle/keys.hpp"

namespace strata::cloud {
namespace {

constexpr std::size_t kBlockBytes = 64;

Digest HashPadded(std::span<const std::uint8_t, kBlockBytes> key,
                  std::uint8_t pad,
                  ByteSpan message) {
  std::vector<std::uint8_t> input(kBlockBytes + message.size());
  std::transform(key.begin(), key.end(), input.begin(), [pad](std::uint8_t byte) {
    return static_cast<std::uint8_t>(byte ^ pad);
  });
  std::copy(message.begin(), message.end(), input.begin() + kBlockBytes);
  const Digest digest = bundle::Sha256(input);
  SecureZero(input);
  return digest;
}

}  // namespace

Digest HmacSha256(ByteSpan key, ByteSpan message) {
  Secret<kBlockBytes> block;
  if (key.size() > kBlockBytes) {
    const Digest shortened = bundle::Sha256(key);
    std::copy(shortened.bytes.begin(), shortened.bytes.end(), block.bytes().begin());
  } else {
    std::copy(key.begin(), key.end(), block.bytes().begin());
  }
  const Digest inner = HashPadded(block.bytes(), 0x36, message);
  return HashPadded(block.bytes(), 0x5C, inner.bytes);
}

}  // namespace strata::cloud
