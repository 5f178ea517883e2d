// SPDX-License-Identifier: Apache-2.0
/// What `strata-device status` prints. Pure. Reference: docs/spec/device-directory.md.
#pragma once

#include <string>

#include "strata/core/sid.hpp"
#include "strata/engine/engine.hpp"

namespace strata::device {

/// One JSON object on one line, with its newline.
[[nodiscard]] std::string StatusJson(const DeviceSid& sid, const engine::Snapshot& snapshot);

/// The same for a person, one fact a line.
[[nodiscard]] std::string StatusForPeople(const DeviceSid& sid, const engine::Snapshot& snapshot);

/// 32 lowercase hexadecimal digits.
[[nodiscard]] std::string HexOf(const wire::DeploymentId& id);

}  // namespace strata::device
