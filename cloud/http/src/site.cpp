// SPDX-License-Identifier: Apache-2.0
#include "site.hpp"

#include <exception>
#include <utility>

#include "json.hpp"

namespace strata::cloud::http {

ApiError NotFound(const Request& request) {
  return {.status = 404,
          .code = 20404,
          .message = "The requested resource " + request.path + " was not found"};
}

ApiResult<Response> NoContent(const ApiOutcome& outcome) {
  if (!outcome.ok()) {
    return outcome.error();
  }
  Response response;
  response.status = 204;
  return response;
}

Response Site::Run(const Route& route, const Request& request) const {
  // What is changed is written down as changed by who asks.
  Service acting = api_.service->As(request.origin.value_or(Origin{}));
  Api api = api_;
  api.service = &acting;
  ApiResult<Response> result = route.handler(request, api);
  return result.ok() ? std::move(result).value() : ErrorResponse(result.error(), request.base_url);
}

Admission Site::Find(std::span<const Route> routes,
                     Request& request,
                     std::vector<std::string> segments) {
  Match match = FindRoute(routes, request.method, segments);
  if (match.allow.empty()) {
    return {nullptr, ErrorResponse(NotFound(request), request.base_url)};
  }
  if (match.route == nullptr) {
    const ApiError error{.status = 405,
                         .code = 20004,
                         .message = "this path takes " + match.allow + ", not " + request.method};
    Admission refused{nullptr, ErrorResponse(error, request.base_url)};
    refused.refusal->Set("Allow", match.allow);
    return refused;
  }
  request.parameters = std::move(match.parameters);
  return {match.route, std::nullopt};
}

}  // namespace strata::cloud::http
