// SPDX-License-Identifier: Apache-2.0
/// How much of a staging slot an update takes: one rule for the bundle tool, the cloud and the
/// engine, so that nobody accepts what another refuses. Sizes in bytes. Reference:
/// docs/spec/staging.md.
#pragma once

#include <cstdint>

namespace strata {

/// A sealed chunk fills this much of the slot …
inline constexpr std::uint32_t kSealedChunkBytes = 4096;
/// … and holds this much of a layer; the rest is its tag.
inline constexpr std::uint32_t kStagedChunkBytes = kSealedChunkBytes - 16;

namespace staging_size_internal {

constexpr std::uint64_t DivideUp(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit;
}

}  // namespace staging_size_internal

/// The most bytes that a layer may have as sent: what the manifest says, or, where a legacy one
/// does not, what its placement can hold (docs/spec/layer-encryption.md for the overhead).
constexpr std::uint64_t FetchLimitBytes(std::uint32_t fetch_bytes,
                                        std::uint32_t placement_bytes,
                                        bool encrypted) {
  if (fetch_bytes != 0) {
    return fetch_bytes;
  }
  const std::uint64_t chunks = staging_size_internal::DivideUp(placement_bytes, 4096);
  return encrypted ? std::uint64_t{69} + placement_bytes + 16 * chunks : placement_bytes;
}

/// What the manifest takes at the start of the slot.
constexpr std::uint64_t StagedManifestBytes(std::uint32_t erase_unit_bytes) {
  return staging_size_internal::DivideUp(4096, erase_unit_bytes) * erase_unit_bytes;
}

/// What one layer takes; each reference of the manifest counts, also to equal layers.
constexpr std::uint64_t StagedLayerBytes(std::uint64_t fetch_limit_bytes,
                                         std::uint32_t erase_unit_bytes) {
  const std::uint64_t sealed =
      staging_size_internal::DivideUp(fetch_limit_bytes, kStagedChunkBytes) * kSealedChunkBytes;
  return staging_size_internal::DivideUp(sealed, erase_unit_bytes) * erase_unit_bytes;
}

}  // namespace strata
