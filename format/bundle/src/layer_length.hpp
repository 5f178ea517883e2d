// SPDX-License-Identifier: Apache-2.0
/// Lengths of encrypted layers: arithmetic only. Reference: docs/spec/layer-encryption.md.
#pragma once

#include <cstdint>

namespace strata::bundle {

inline constexpr std::uint64_t kEncBytes = 65;
inline constexpr std::uint64_t kLayerHeaderBytes = kEncBytes + 4;
inline constexpr std::uint64_t kTagBytes = 16;
inline constexpr std::uint32_t kMaxChunkBytes = 4096;

/// Length of a layer of `plaintext_bytes` > 0 in chunks of `chunk_bytes` > 0.
constexpr std::uint64_t EncryptedLength(std::uint64_t plaintext_bytes, std::uint32_t chunk_bytes) {
  const std::uint64_t chunks = (plaintext_bytes + chunk_bytes - 1) / chunk_bytes;
  return kLayerHeaderBytes + plaintext_bytes + kTagBytes * chunks;
}

/// Whether some chunk size of 1 … 4096 gives a layer of `fetch_bytes` from `plaintext_bytes`.
constexpr bool IsEncryptedLength(std::uint64_t fetch_bytes, std::uint64_t plaintext_bytes) {
  const std::uint64_t least = kLayerHeaderBytes + plaintext_bytes + kTagBytes;
  if (plaintext_bytes == 0 || fetch_bytes < least || (fetch_bytes - least) % kTagBytes != 0) {
    return false;
  }
  const std::uint64_t chunks = (fetch_bytes - least) / kTagBytes + 1;
  // The smallest chunk size that needs no more than `chunks` chunks: if it needs fewer, none needs
  // just as many.
  const std::uint64_t chunk_bytes = (plaintext_bytes + chunks - 1) / chunks;
  return chunk_bytes <= kMaxChunkBytes &&
         EncryptedLength(plaintext_bytes, static_cast<std::uint32_t>(chunk_bytes)) == fetch_bytes;
}

/// Plaintext in a layer of `fetch_bytes` with chunks of `chunk_bytes` > 0; 0 when no plaintext
/// gives that length.
constexpr std::uint64_t PlaintextLength(std::uint64_t fetch_bytes, std::uint32_t chunk_bytes) {
  if (fetch_bytes <= kLayerHeaderBytes + kTagBytes) {
    return 0;
  }
  const std::uint64_t sealed = fetch_bytes - kLayerHeaderBytes;
  const std::uint64_t sealed_chunk = chunk_bytes + kTagBytes;
  const std::uint64_t chunks = (sealed + sealed_chunk - 1) / sealed_chunk;
  const std::uint64_t last = sealed - (chunks - 1) * sealed_chunk;
  return last > kTagBytes ? sealed - chunks * kTagBytes : 0;
}

}  // namespace strata::bundle
