// SPDX-License-Identifier: Apache-2.0
/// The table at the end of docs/spec/rest.md as tests see it. OpenApi::Check() holds every refusal
/// that a test of the servers gets against it.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "client_test.hpp"

namespace strata::cloud {

/// Status and code of each row.
const std::set<std::pair<int, int>>& RefusalTable();

/// What is wrong with an answer that is a refusal; empty: nothing, or it is none.
std::string CheckRefusal(const TestResponse& answer);

}  // namespace strata::cloud
