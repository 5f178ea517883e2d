// SPDX-License-Identifier: Apache-2.0
/// Layout of the key store on flash: docs/spec/key-store.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "strata/core/keys.hpp"

namespace strata::engine {

inline constexpr std::uint32_t kKeyStoreMagic = 0x534B5331;  // "SKS1"
inline constexpr std::uint8_t kKeyStoreVersion = 2;
inline constexpr std::uint32_t kKeyStoreHeaderBytes = 68;
inline constexpr std::size_t kMaxKeysOfKind = 8;
inline constexpr std::uint32_t kPublicKeyEntryBytes = sizeof(PublicKey);
inline constexpr std::uint32_t kPrivateKeyEntryBytes = kPrivateKeyBytes + sizeof(PublicKey);
inline constexpr std::uint32_t kLayerKeyEntryBytes = 1 + kPrivateKeyEntryBytes;
inline constexpr std::uint32_t kCaLengthBytes = 2;
inline constexpr std::uint8_t kRetiredFlag = 1;
inline constexpr std::array<std::uint8_t, 8> kKeyStoreMark = {
    'S', 'K', 'S', '1', 'd', 'o', 'n', 'e'};

}  // namespace strata::engine
