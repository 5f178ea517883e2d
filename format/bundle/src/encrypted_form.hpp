// SPDX-License-Identifier: Apache-2.0
/// What can be said of an encrypted layer without its key: enc is a point of the curve, the chunk
/// size is one, and some plaintext gives the length. Reference: docs/spec/layer-encryption.md, "A
/// reader refuses".
#pragma once

#include <algorithm>
#include <array>

#include "layer_length.hpp"
#include "openssl.hpp"

namespace strata::bundle {

class EncryptedFormChecker {
 public:
  explicit EncryptedFormChecker(std::uint64_t layer_bytes) : layer_bytes_(layer_bytes) {}

  /// Takes the layer in order, piece by piece; keeps only its header.
  void Update(ByteSpan piece) {
    const std::size_t wanted = std::min(piece.size(), header_.size() - filled_);
    std::copy_n(piece.begin(), wanted, header_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += wanted;
  }

  /// `plaintext_bytes` 0: not said.
  [[nodiscard]] bool IsGood(std::uint64_t plaintext_bytes, std::uint64_t placement_bytes) const {
    PublicKey enc{};
    if (filled_ != header_.size()) {
      return false;
    }
    std::copy_n(header_.begin(), enc.size(), enc.begin());
    const auto chunk_bytes = LoadBigEndian<std::uint32_t>(ByteSpan(header_).subspan(kEncBytes));
    if (chunk_bytes == 0 || chunk_bytes > kMaxChunkBytes || ToPkey(enc) == nullptr) {
      return false;
    }
    const std::uint64_t held = PlaintextLength(layer_bytes_, chunk_bytes);
    return held != 0 && held <= placement_bytes &&
           (plaintext_bytes == 0 || held == plaintext_bytes);
  }

 private:
  std::uint64_t layer_bytes_;
  std::array<std::uint8_t, kLayerHeaderBytes> header_{};
  std::size_t filled_ = 0;
};

}  // namespace strata::bundle
