// SPDX-License-Identifier: Apache-2.0
/// Panic: a rule of the simulated world was broken by the code under test; prints why and the run's
/// id, then aborts.
#pragma once

#include <string>

namespace strata::sim {

/// What Panic() prints beside its message: the one-line id that runs this case again.
void SetRunId(std::string id);

[[nodiscard]] const std::string& RunId();

[[noreturn]] void Panic(const std::string& message);

}  // namespace strata::sim
