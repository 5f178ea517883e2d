// SPDX-License-Identifier: Apache-2.0
/// The whole program: arguments → verb → exit code.
#pragma once

#include <string>
#include <vector>

#include "support/context.hpp"

namespace strata::cli {

/// `program` is argv[0], `arguments` what follows. Returns the exit code; never throws. 0 means it
/// happened.
int Run(const std::string& program, const std::vector<std::string>& arguments, Context& context);

}  // namespace strata::cli
