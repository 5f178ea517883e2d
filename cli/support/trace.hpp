// SPDX-License-Identifier: Apache-2.0
/// What -l debug tells of requests. Security: neither credentials nor bodies nor headers of ours
/// are written, so no secret can be.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "support/http.hpp"

namespace strata::cli {

using TraceLine = std::function<void(std::string_view line)>;

/// `client`, with two lines of each request to `say`: method and path; status and request ID, or
/// what went wrong.
std::unique_ptr<HttpClient> Traced(std::unique_ptr<HttpClient> client, TraceLine say);

}  // namespace strata::cli
