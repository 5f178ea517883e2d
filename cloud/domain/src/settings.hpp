// SPDX-License-Identifier: Apache-2.0
/// What the two sides of configs and secrets share: people's and devices'.
#pragma once

#include <string>
#include <vector>

#include "strata/cloud/domain/sealer.hpp"
#include "strata/cloud/domain/store.hpp"

namespace strata::cloud {

inline constexpr std::uint64_t kMaxSettingsPerPlace = 256;

/// What a secret's sealed value belongs to (docs/spec/storage.md "Secrets at rest").
std::vector<std::uint8_t> SecretContext(const SettingRecord& record);

}  // namespace strata::cloud
