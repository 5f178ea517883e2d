// SPDX-License-Identifier: Apache-2.0
/// Form of the manifest's texts.
#pragma once

#include "strata/core/bytes.hpp"

namespace strata::manifest {

/// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(ByteSpan text);

/// C0 and C1 controls and DEL; `text` is well-formed.
bool HasControlCharacter(ByteSpan text);

}  // namespace strata::manifest
