// SPDX-License-Identifier: Apache-2.0
/// seed/fleet.conf: the fleet of a device, and where in its chain of key changes the seed's keys
/// stand. Role: text to values; reads no file. Strict as device_conf.hpp. Reference:
/// docs/spec/new-keys.md "Provisioning".
#pragma once

#include <string_view>

#include "strata/core/key_change.hpp"
#include "strata/platform/linux/expected.hpp"

namespace strata::device {

/// * kMalformed: not exactly the three lines, or a sequence and a hash that contradict each other.
Expected<ChainPosition> ParseFleetConf(std::string_view text);

}  // namespace strata::device
