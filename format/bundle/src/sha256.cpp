// SPDX-License-Identifier: Apache-2.0
#include "sha256.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "strata/format/bundle/keys.hpp"

namespace strata::bundle {
namespace {

// SHA-256 of OpenSSL fails only when memory is gone or the library is broken; no caller could go
// on.
void Require(bool ok) {
  if (!ok) {
    std::abort();
  }
}

constexpr std::size_t kErasedPieceBytes = 16384;

const std::array<std::uint8_t, kErasedPieceBytes>& ErasedPiece() {
  static const auto piece = [] {
    std::array<std::uint8_t, kErasedPieceBytes> bytes{};
    bytes.fill(0xFF);
    return bytes;
  }();
  return piece;
}

}  // namespace

Sha256Hasher::Sha256Hasher() : context_(EVP_MD_CTX_new()) {
  Require(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

Sha256Hasher::Sha256Hasher(const Sha256Hasher& other) : context_(EVP_MD_CTX_new()) {
  Require(context_ != nullptr && EVP_MD_CTX_copy_ex(context_.get(), other.context_.get()) == 1);
}

void Sha256Hasher::Update(ByteSpan data) {
  Require(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1);
}

void Sha256Hasher::UpdateErased(std::uint64_t count) {
  while (count > 0) {
    const std::uint64_t piece = std::min<std::uint64_t>(count, kErasedPieceBytes);
    Update(ByteSpan(ErasedPiece()).first(static_cast<std::size_t>(piece)));
    count -= piece;
  }
}

Digest Sha256Hasher::Finish() {
  Digest digest;
  Require(EVP_DigestFinal_ex(context_.get(), digest.bytes.data(), nullptr) == 1);
  return digest;
}

Digest Sha256(ByteSpan data) {
  Sha256Hasher hasher;
  hasher.Update(data);
  return hasher.Finish();
}

}  // namespace strata::bundle
