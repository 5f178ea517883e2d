// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>

#include "strata/cloud/domain/service.hpp"

#include "event_stream.hpp"
#include "form.hpp"
#include "json.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::uint32_t kLinesAtOnce = 200;

ApiResult<Response> ListLogs(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const auto found,
                    api.service->ListLogs(*request.account, request.parameters[0], page));
  return ListResponse(request, page, "logs", found, DeviceLogLineJson);
}

ApiResult<Response> StreamLogs(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const FollowRequest wanted, ParseFollow(request));
  STRATA_API_ASSIGN(const LogPlace begin,
                    api.service->FindLog(*request.account, request.parameters[0], wanted.after));
  const auto place = std::make_shared<LogPlace>(begin);
  auto next =
      [place, account = *request.account, service = KeptService(api)]() -> ApiResult<std::string> {
    STRATA_API_ASSIGN(const auto lines, service->LogsBehind(account, *place, kLinesAtOnce));
    std::string text;
    for (const DeviceLogLine& line : lines) {
      text += EventText(line.sequence, DeviceLogLineJson(line, {}));
      place->sequence = line.sequence;
    }
    return text;
  };
  return StreamResponse({.topic = std::string(begin.device.text()),
                         .begin = begin.sequence,
                         .follow = wanted.follow,
                         .next = std::move(next)});
}

constexpr std::array kLogRoutes = {
    Route{.method = "GET", .pattern = "/v1/Devices/{}/Logs", .handler = ListLogs},
    Route{.method = "GET", .pattern = "/v1/Devices/{}/Logs/Stream", .handler = StreamLogs},
};

}  // namespace

std::span<const Route> LogRoutes() {
  return kLogRoutes;
}

}  // namespace strata::cloud::http
