// SPDX-License-Identifier: Apache-2.0
/// Server-sent events: where a stream begins and how one event is written (docs/spec/rest.md "Live
/// streams", HTML Living Standard 9.2).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "message.hpp"
#include "router.hpp"

namespace strata::cloud::http {

/// How a client wants to follow.
struct FollowRequest {
  std::optional<std::int64_t> after{};  ///< the id of the last event it has; nullopt: from now on
  bool follow = true;
};

/// `Last-Event-ID`, else `LastEventId` of the query; `Follow`. * 400/20001.
ApiResult<FollowRequest> ParseFollow(const Request& request);

/// One event. `json` has no line ends.
std::string EventText(std::int64_t id, std::string_view json);

/// For what outlives the handler: its own Service is gone with it.
std::shared_ptr<Service> KeptService(const Api& api);

/// 200 with the right headers.
Response StreamResponse(EventStream stream);

}  // namespace strata::cloud::http
