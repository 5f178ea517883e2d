// SPDX-License-Identifier: Apache-2.0
#include "event_stream.hpp"

#include <charconv>
#include <utility>

#include "form.hpp"

namespace strata::cloud::http {

ApiResult<FollowRequest> ParseFollow(const Request& request) {
  STRATA_API_ASSIGN(const Form query, Form::Parse(request.query));
  STRATA_API_ASSIGN(std::optional<std::string> id, query.Get("LastEventId"));
  FollowRequest wanted;
  STRATA_API_ASSIGN(wanted.follow, query.GetBool("Follow", true));
  if (const std::string* const header = request.Find("Last-Event-ID")) {
    id = *header;  // of a client that comes back with the URL it began with
  }
  if (!id || id->empty()) {
    return wanted;
  }
  std::int64_t number = 0;
  const char* const end = id->data() + id->size();
  const auto [stop, error] = std::from_chars(id->data(), end, number);
  if (error != std::errc() || stop != end || number < 0) {
    return BadParameter("Last-Event-ID: it must be the id of an event of this stream");
  }
  wanted.after = number;
  return wanted;
}

std::string EventText(std::int64_t id, std::string_view json) {
  std::string text = "id: " + std::to_string(id) + "\ndata: ";
  text.append(json).append("\n\n");
  return text;
}

std::shared_ptr<Service> KeptService(const Api& api) {
  return std::shared_ptr<Service>(new Service(api.service->As(Origin{})));
}

Response StreamResponse(EventStream stream) {
  Response response;
  response.Set("Content-Type", "text/event-stream");
  response.Set("X-Accel-Buffering", "no");  // a proxy such as nginx must not store it up
  response.close = true;
  response.stream = std::move(stream);
  return response;
}

}  // namespace strata::cloud::http
