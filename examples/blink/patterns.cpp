// SPDX-License-Identifier: Apache-2.0
#include "assets.hpp"

namespace blink {
namespace {

constexpr std::uint32_t kVersion = BLINK_VERSION;
constexpr std::array<const char*, 3> kNames = {"on-off", "double", "breathing"};
static_assert(kVersion >= 1 && kVersion <= kNames.size());

}  // namespace

[[gnu::section(".assets.version")]] extern constinit const Table<kPatternSteps> kPattern =
    MakeTable<kPatternSteps>(512 * kVersion, 0x7061'7400 + kVersion);

extern const char* const kPatternName = kNames[kVersion - 1];

}  // namespace blink
