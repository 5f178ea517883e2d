// SPDX-License-Identifier: Apache-2.0
#include "health.hpp"
#include "json.hpp"
#include "site.hpp"

namespace strata::cloud::http {

Admission MetricsSite::Admit(Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    return {nullptr, ErrorResponse(NotFound(request), request.base_url)};
  }
  if (request.path == "/metrics") {
    return {nullptr, MetricsAnswer(api(), metrics_, more_)};
  }
  if (request.path == "/healthz") {
    return {nullptr, HealthAnswer(request, api())};
  }
  if (request.path == "/readyz") {
    return {nullptr, ReadyAnswer(request, api())};
  }
  return {nullptr, ErrorResponse(NotFound(request), request.base_url)};
}

void MetricsSite::Dress(const Request& /*request*/, Response& /*response*/) const {}

}  // namespace strata::cloud::http
