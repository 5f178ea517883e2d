// SPDX-License-Identifier: Apache-2.0
#include "digest_of.hpp"

#include <algorithm>
#include <array>

namespace strata::engine {

Status RunningHash::UpdateErased(std::uint32_t count) {
  std::array<std::uint8_t, 64> erased{};
  erased.fill(0xFF);
  while (count > 0) {
    const std::uint32_t piece = std::min<std::uint32_t>(count, erased.size());
    STRATA_TRY(Update(ByteSpan(erased).first(piece)));
    count -= piece;
  }
  return {};
}

Result<Digest> RunningHash::Finish() {
  Digest digest;
  STRATA_TRY(crypto_.HashFinish(state_, digest));
  return digest;
}

Result<Digest> DigestOf(ports::Crypto& crypto, std::span<const ByteSpan> parts) {
  RunningHash hash(crypto);
  STRATA_TRY(hash.Start());
  for (const ByteSpan part : parts) {
    STRATA_TRY(hash.Update(part));
  }
  return hash.Finish();
}

}  // namespace strata::engine
