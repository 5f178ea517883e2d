// SPDX-License-Identifier: Apache-2.0
/// The option --hardware.
#pragma once

#include <string>

#include "strata/core/hardware.hpp"

#include "support/outcome.hpp"

namespace strata::cli {

/// The profile of that name, never nullptr. * kNotFound: there is none; the next step lists those
/// there are.
Expected<const HardwareProfile*> HardwareOf(const std::string& name);

}  // namespace strata::cli
