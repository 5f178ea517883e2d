// SPDX-License-Identifier: Apache-2.0
#include "hkdf.hpp"

#include <algorithm>

namespace strata::engine {

Status HkdfExtract(ports::Crypto& crypto, ByteSpan salt, std::span<const ByteSpan> ikm, Prk& out) {
  Digest prk;
  STRATA_TRY(crypto.Hmac(salt, ikm, prk));
  std::copy(prk.bytes.begin(), prk.bytes.end(), out.bytes().begin());
  SecureZero(prk.bytes);
  return {};
}

Status HkdfExpand(ports::Crypto& crypto,
                  ByteSpan prk,
                  std::span<const ByteSpan> info,
                  MutableByteSpan out) {
  if (info.size() > kMaxHkdfParts || out.size() > Digest::kBytes) {
    return Fail(Code::kInvalidArgument);
  }
  const std::uint8_t counter = 1;
  std::array<ByteSpan, kMaxHkdfParts + 1> parts;
  std::copy(info.begin(), info.end(), parts.begin());
  parts[info.size()] = ByteSpan(&counter, 1);
  Digest block;
  STRATA_TRY(crypto.Hmac(prk, std::span(parts).first(info.size() + 1), block));
  std::copy_n(block.bytes.begin(), out.size(), out.begin());
  SecureZero(block.bytes);
  return {};
}

}  // namespace strata::engine
