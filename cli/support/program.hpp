// SPDX-License-Identifier: Apache-2.0
/// Running another program, e.g. the build system. No shell has a part in it.
#pragma once

#include <string>
#include <vector>

#include "support/outcome.hpp"

namespace strata::cli {

/// Runs words.front(), found on the PATH, with this program's environment and standard error; what
/// it prints goes to our standard error, or nowhere when `quiet`, so that standard output stays
/// ours. Standard input is empty. Returns its exit code; 128 + number when a signal ended it.
/// * kNotFound: there is no such program. * kIo: it can't be started.
Expected<int> RunProgram(const std::vector<std::string>& words, bool quiet);

}  // namespace strata::cli
