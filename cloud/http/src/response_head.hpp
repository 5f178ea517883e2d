// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "message.hpp"

namespace strata::cloud::http {

/// Head of an answer as it goes on the wire. `content_length` nothing: the status has no body.
std::string ResponseHead(const Response& response, std::optional<std::uint64_t> content_length);

}  // namespace strata::cloud::http
