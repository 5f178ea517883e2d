// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "strata/cloud/domain/service.hpp"

#include "form.hpp"
#include "json.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

ApiResult<Response> CountDevices(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const DeviceCounts counts, api.service->CountDevices(*request.account));
  return JsonResponse(200, DeviceCountsJson(counts, request.base_url));
}

ApiResult<Response> DeviceHistory(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Form query, Form::Parse(request.query));
  HistoryRequest wanted;
  STRATA_API_ASSIGN(wanted.since, query.GetDate("Since"));
  STRATA_API_ASSIGN(wanted.until, query.GetDate("Until"));
  STRATA_API_ASSIGN(wanted.app, query.Get("App"));
  STRATA_API_ASSIGN(const auto hours, api.service->DeviceHistory(*request.account, wanted));
  return JsonResponse(200, DeviceHistoryJson(hours, request.base_url));
}

constexpr std::array kFleetRoutes = {
    Route{.method = "GET", .pattern = "/v1/DeviceCounts", .handler = CountDevices},
    Route{.method = "GET", .pattern = "/v1/DeviceHistory", .handler = DeviceHistory},
};

}  // namespace

std::span<const Route> FleetRoutes() {
  return kFleetRoutes;
}

}  // namespace strata::cloud::http
