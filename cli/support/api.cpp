// SPDX-License-Identifier: Apache-2.0
#include "support/api.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <boost/json.hpp>
#include <sys/random.h>

#include "support/event_reader.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

constexpr std::uint32_t kMaxPageSize = 1000;
constexpr std::uint32_t kDefaultLimit = 50;

Problem ProtocolProblem(const std::string& message) {
  return Local(Code::kCloudProtocol, message, "check that the URL is a Strata cloud's");
}

Expected<JsonObject> ParseObject(const std::string& body) {
  boost::system::error_code error;
  Json value = boost::json::parse(body, error);
  if (error || !value.is_object()) {
    return ProtocolProblem("the answer is not a JSON object");
  }
  return std::move(value.as_object());
}

std::string FirstPage(const std::string& path, const ListRequest& request) {
  std::uint32_t size = request.page_size;
  if (size == 0 && request.limit != kDefaultLimit) {
    size = std::min(request.limit.value_or(kMaxPageSize), kMaxPageSize);
  }
  return WithQuery(path,
                   {{"PageSize", size == 0 ? "" : std::to_string(size)},
                    {"Page", request.page},
                    {"PageToken", request.page_token}});
}

void TakeItems(const JsonObject& answer,
               std::string_view key,
               std::optional<std::uint32_t> limit,
               std::vector<JsonObject>& items) {
  const Json* array = answer.if_contains(key);
  if (array == nullptr || !array->is_array()) {
    return;
  }
  for (const Json& item : array->as_array()) {
    if (limit && items.size() >= *limit) {
      return;
    }
    if (item.is_object()) {
      items.push_back(item.as_object());
    }
  }
}

/// The cloud named it: nothing but what an id is made of goes back into a header.
bool IsHeaderValue(const std::string& id) {
  return !id.empty() &&
         std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Names stand in paths encoded, but an empty one or one of dots would still make it another
/// resource's path, to a client library or to something between us and the cloud.
Outcome CheckPath(const std::string& path) {
  const std::vector<std::string> segments = Split(path.substr(0, path.find('?')), '/');
  for (std::size_t i = 1; i < segments.size(); ++i) {
    if (segments[i].empty() || segments[i] == "." || segments[i] == "..") {
      return Local(Code::kInvalidArgument,
                   "'" + segments[i] + "' is no name of anything in the cloud",
                   "give the resource's SID, unique name or key");
    }
  }
  return Done{};
}

}  // namespace

std::string TextField(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::uint64_t NumberField(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(key);
  if (value == nullptr) {
    return 0;
  }
  if (value->is_uint64()) {
    return value->as_uint64();
  }
  return value->is_int64() && value->as_int64() > 0 ? static_cast<std::uint64_t>(value->as_int64())
                                                    : 0;
}

JsonObject ObjectField(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->as_object() : JsonObject();
}

Problem ProblemOfAnswer(const HttpResponse& response) {
  const Expected<JsonObject> body = ParseObject(response.body);
  if (!body.ok() || TextField(body.value(), "message").empty()) {
    return ProtocolProblem("the answer has status " + std::to_string(response.status) +
                           " and no words");
  }
  Problem problem;
  problem.source = Problem::Source::kCloud;
  const std::uint64_t code = NumberField(body.value(), "code");
  problem.code = code <= 99'999 ? static_cast<int>(code) : 0;
  problem.message = TextField(body.value(), "message");
  problem.more_info = TextField(body.value(), "more_info");
  problem.body = response.body;
  problem.retry_after = response.retry_after;
  return problem;
}

std::optional<std::string> PathOfLink(std::string_view link) {
  if (const std::size_t scheme = link.find("://"); scheme != std::string_view::npos) {
    const std::size_t slash = link.find('/', scheme + 3);
    if (slash == std::string_view::npos) {
      return std::nullopt;
    }
    link.remove_prefix(slash);
  }
  const bool clean =
      std::all_of(link.begin(), link.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!link.starts_with("/v1/") || !clean) {
    return std::nullopt;
  }
  return std::string(link);
}

std::string WithQuery(std::string path, const Fields& fields) {
  for (const auto& [name, value] : fields) {
    if (!value.empty()) {
      path += path.find('?') == std::string::npos ? '?' : '&';
      path += name + "=" + PercentEncode(value);
    }
  }
  return path;
}

Expected<std::string> RandomToken() {
  std::array<std::uint8_t, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return FromFailure(bundle::MakeFailure(Code::kEntropyFailed, Op::kNone));
  }
  return HexText(bytes);
}

Expected<JsonObject> Api::Exchange(const HttpRequest& request) {
  STRATA_TRY(CheckPath(request.path));
  STRATA_TRY_ASSIGN(const HttpResponse response, client_->Send(request));
  if (response.status < 200 || response.status > 299) {
    return ProblemOfAnswer(response);
  }
  if (response.body.empty()) {
    return JsonObject();
  }
  return ParseObject(response.body);
}

Expected<JsonObject> Api::Get(const std::string& path) {
  HttpRequest request;
  request.path = path;
  return Exchange(request);
}

Expected<JsonObject> Api::Post(const std::string& path, const Fields& form, const Fields& headers) {
  HttpRequest request;
  request.method = "POST";
  request.path = path;
  request.form = form;
  request.headers = headers;
  return Exchange(request);
}

Outcome Api::Delete(const std::string& path) {
  HttpRequest request;
  request.method = "DELETE";
  request.path = path;
  STRATA_TRY(Exchange(request));
  return Done{};
}

Outcome Api::Follow(const std::string& path,
                    std::string& last_id,
                    const std::function<bool(const JsonObject&)>& take) {
  STRATA_TRY(CheckPath(path));
  HttpRequest request;
  request.path = path;
  if (IsHeaderValue(last_id)) {
    request.headers.emplace_back("Last-Event-ID", last_id);
  }
  EventReader reader(last_id, [&take](const std::string& data) {
    const Expected<JsonObject> event = ParseObject(data);
    return !event.ok() || take(event.value());
  });
  STRATA_TRY_ASSIGN(
      const HttpResponse response,
      client_->Stream(request, [&reader](std::string_view piece) { return reader.Feed(piece); }));
  if (response.status < 200 || response.status > 299) {
    return ProblemOfAnswer(response);
  }
  return Done{};
}

Expected<JsonObject> Api::Send(const std::string& path,
                               Upload upload,
                               const std::string& idempotency_key) {
  HttpRequest request;
  request.method = "POST";
  request.path = path;
  request.upload = std::move(upload);
  request.headers.emplace_back("Idempotency-Key", idempotency_key);
  return Exchange(request);
}

Expected<std::vector<JsonObject>> Api::List(const std::string& path,
                                            std::string_view key,
                                            const ListRequest& request) {
  std::vector<JsonObject> items;
  std::set<std::string> seen;
  std::string next = FirstPage(path, request);
  while (!next.empty() && (!request.limit || items.size() < *request.limit)) {
    if (!seen.insert(next).second) {
      return ProtocolProblem("the list's pages run in a circle");
    }
    STRATA_TRY_ASSIGN(const JsonObject answer, Get(next));
    TakeItems(answer, key, request.limit, items);
    const std::string link = TextField(ObjectField(answer, "meta"), "next_page_url");
    next.clear();
    if (!link.empty()) {
      const std::optional<std::string> following = PathOfLink(link);
      if (!following) {
        return ProtocolProblem("the list's next page has no usable link");
      }
      next = *following;
    }
  }
  return items;
}

}  // namespace strata::cli
