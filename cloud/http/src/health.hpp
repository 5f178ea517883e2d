// SPDX-License-Identifier: Apache-2.0
/// What /healthz, /readyz and /metrics answer. Reference: docs/spec/rest.md "Health and metrics".
#pragma once

#include <functional>
#include <string>

#include "message.hpp"
#include "metrics.hpp"
#include "router.hpp"

namespace strata::cloud::http {

/// Whether the process serves: 200, also when something is worse than it should be, else 503.
Response HealthAnswer(const Request& request, const Api& api);

/// Whether it is to be given requests: as HealthAnswer, by check, and 503 while it stops.
Response ReadyAnswer(const Request& request, const Api& api);

Response MetricsAnswer(const Api& api,
                       const HttpMetrics& metrics,
                       const std::function<std::string()>& more);

}  // namespace strata::cloud::http
