// SPDX-License-Identifier: Apache-2.0
/// What the two ways to a new device share: provisioning and enrolment.
#pragma once

#include <string>

#include "strata/cloud/domain/api_error.hpp"

namespace strata::cloud {

/// The name of a hardware profile; empty: the default one's. * 400/20001: there is no such profile.
ApiResult<std::string> HardwareOf(const std::string& wanted);

}  // namespace strata::cloud
