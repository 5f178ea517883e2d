// SPDX-License-Identifier: Apache-2.0
/// Layout of the key store on flash: docs/spec/key-store.md.
#pragma once

#include <cstddef>
#include <cstdint>

#include "strata/core/keys.hpp"

namespace strata::engine {

inline constexpr std::uint32_t kKeyStoreMagic = 0x534B5331;  // "SKS1"
inline constexpr std::uint8_t kKeyStoreVersion = 1;
inline constexpr std::size_t kKeyStoreHeaderBytes = 12;
inline constexpr std::size_t kMaxKeysOfKind = 8;
inline constexpr std::uint32_t kPublicKeyEntryBytes = sizeof(PublicKey);
inline constexpr std::uint32_t kLayerKeyEntryBytes = kPrivateKeyBytes + sizeof(PublicKey);

/// Header and keys, without the digest that follows them.
constexpr std::size_t KeyStoreBytes(std::size_t signers,
                                    std::size_t layer_keys,
                                    std::size_t rotation_keys) {
  return kKeyStoreHeaderBytes + (signers + rotation_keys) * kPublicKeyEntryBytes +
         layer_keys * kLayerKeyEntryBytes;
}

}  // namespace strata::engine
