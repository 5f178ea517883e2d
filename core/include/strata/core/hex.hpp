// SPDX-License-Identifier: Apache-2.0
/// Hexadecimal text. Writes lowercase; reads lowercase only where an identity is meant (entry
/// names, URL paths), so that each value has exactly one spelling.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "strata/core/bytes.hpp"

namespace strata {

/// Writes 2 · in.size() characters, no terminator; `out.size()` must be at least that.
void ToHex(ByteSpan in, std::span<char> out);

/// Fills `out` from exactly 2 · out.size() lowercase hexadecimal characters.
/// Returns false, with `out` undefined, for any other length or character.
[[nodiscard]] bool FromHex(std::string_view in, MutableByteSpan out);

}  // namespace strata
