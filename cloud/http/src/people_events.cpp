// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>

#include "strata/cloud/domain/service.hpp"

#include "event_stream.hpp"
#include "form.hpp"
#include "json.hpp"
#include "json_text.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::uint32_t kEventsAtOnce = 500;

/// The filters of a list, and how they stand in its URLs.
struct EventFilters {
  EventQuery query{};
  std::string text{};
};

ApiResult<EventFilters> ParseEventFilters(const Request& request) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.query));
  EventFilters filters;
  STRATA_API_ASSIGN(filters.query.device, form.Get("Device"));
  if (filters.query.device) {
    filters.text += "&Device=" + PercentEncode(*filters.query.device);
  }
  STRATA_API_ASSIGN(const auto type, form.Get("Type"));
  if (type) {
    filters.query.type = EventTypeNamed(*type);
    if (!filters.query.type) {
      return BadParameter("Type: there is no such type of event; docs/spec/rest.md lists them");
    }
    filters.text += "&Type=" + PercentEncode(*type);
  }
  return filters;
}

ApiResult<Response> ListEvents(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const EventFilters filters, ParseEventFilters(request));
  STRATA_API_ASSIGN(const auto found,
                    api.service->ListEvents(*request.account, page, filters.query));
  return ListResponse(request, page, "events", found, EventJson, filters.text);
}

ApiResult<Response> StreamEvents(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const EventFilters filters, ParseEventFilters(request));
  STRATA_API_ASSIGN(const FollowRequest wanted, ParseFollow(request));
  STRATA_API_ASSIGN(const EventPlace begin,
                    api.service->FindEvents(*request.account, filters.query, wanted.after));
  const auto place = std::make_shared<EventPlace>(begin);
  auto next =
      [place, account = *request.account, service = KeptService(api)]() -> ApiResult<std::string> {
    STRATA_API_ASSIGN(const auto events, service->EventsBehind(account, *place, kEventsAtOnce));
    std::string text;
    for (const Event& event : events) {
      text += EventText(event.sequence, EventJson(event, {}));
      place->sequence = event.sequence;
    }
    return text;
  };
  return StreamResponse({.topic = std::string(request.account->sid.text()),
                         .begin = begin.sequence,
                         .follow = wanted.follow,
                         .next = std::move(next)});
}

ApiResult<Response> ListUpdates(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const auto found,
                    api.service->ListUpdates(*request.account, request.parameters[0], page));
  return ListResponse(request, page, "updates", found, UpdateRecordJson);
}

constexpr std::array kEventRoutes = {
    Route{.method = "GET", .pattern = "/v1/Events", .handler = ListEvents},
    Route{.method = "GET", .pattern = "/v1/Events/Stream", .handler = StreamEvents},
    Route{.method = "GET", .pattern = "/v1/Devices/{}/Updates", .handler = ListUpdates},
};

}  // namespace

std::span<const Route> EventRoutes() {
  return kEventRoutes;
}

}  // namespace strata::cloud::http
