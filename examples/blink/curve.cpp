// SPDX-License-Identifier: Apache-2.0
#include "assets.hpp"

namespace blink {

[[gnu::section(".assets.shared")]] extern constinit const Table<kCurveSteps> kCurve =
    MakeTable<kCurveSteps>(4096, 0x5742'7261);

static_assert(sizeof(kCurve) == 2 * kLayerBytes);

}  // namespace blink
