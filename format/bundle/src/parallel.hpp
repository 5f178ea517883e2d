// SPDX-License-Identifier: Apache-2.0
/// Independent work items over threads.
#pragma once

#include <cstddef>
#include <functional>

#include "strata/format/bundle/expected.hpp"

namespace strata::bundle {

/// Calls work(0) … work(count − 1), each once, on up to `threads` threads (0: all cores), the
/// caller's among them. Returns the failure of the lowest failing index, so that the answer does
/// not depend on timing; items after a failure may not have run.
Outcome ParallelFor(std::size_t count,
                    unsigned threads,
                    const std::function<Outcome(std::size_t)>& work);

}  // namespace strata::bundle
