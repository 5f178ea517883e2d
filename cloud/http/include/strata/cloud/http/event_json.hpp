// SPDX-License-Identifier: Apache-2.0
/// Events as JSON text, as REST answers, live streams and webhooks have them (docs/spec/rest.md).
#pragma once

#include <string>
#include <string_view>

#include "strata/cloud/domain/events.hpp"

namespace strata::cloud::http {

/// `base_url` is not used: an event has no URL of its own.
std::string EventJson(const Event& event, std::string_view base_url);

}  // namespace strata::cloud::http
