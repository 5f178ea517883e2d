// SPDX-License-Identifier: Apache-2.0
/// The REST API of docs/spec/rest.md as the verbs use it: JSON objects in and out, refusals as
/// Problems. Role: paths, paging, error bodies; does not print. Missing fields in answers are
/// tolerated here and above. Security: answers are another machine's; a page link is followed on
/// the connection's own origin only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "support/http.hpp"
#include "support/outcome.hpp"

namespace strata::cli {

using Json = boost::json::value;
using JsonObject = boost::json::object;

/// What of a list is wanted.
struct ListRequest {
  std::optional<std::uint32_t> limit = 50;  ///< items; nullopt: all; 0: none, without a request
  std::uint32_t page_size = 0;              ///< 0: the server's
  std::string page;                         ///< passed on as it is; empty: not sent
  std::string page_token;
};

class Api {
 public:
  explicit Api(std::unique_ptr<HttpClient> client) : client_(std::move(client)) {}

  /// Each: * the cloud's own Problem for a status outside 2xx; * kCloudProtocol: an answer that is
  /// no JSON object; * kInvalidArgument, and nothing is sent: a segment of the path is empty, "."
  /// or
  /// ".."; * as HttpClient::Send.
  Expected<JsonObject> Get(const std::string& path);
  Expected<JsonObject> Post(const std::string& path,
                            const Fields& form,
                            const Fields& headers = {});
  Outcome Delete(const std::string& path);

  /// The events of a live stream behind `last_id` (empty: from now on), one by one, until `take`
  /// says false or the connection ends; whoever wants more calls it again. Data that is no JSON
  /// object is left out.
  Outcome Follow(const std::string& path,
                 std::string& last_id,
                 const std::function<bool(const JsonObject&)>& take);

  /// POST of a file. The same `idempotency_key` makes a repetition harmless.
  Expected<JsonObject> Send(const std::string& path,
                            Upload upload,
                            const std::string& idempotency_key);

  /// The objects of array `key`, page by page. * kCloudProtocol also when the pages run in a
  /// circle.
  Expected<std::vector<JsonObject>> List(const std::string& path,
                                         std::string_view key,
                                         const ListRequest& request);

 private:
  Expected<JsonObject> Exchange(const HttpRequest& request);

  std::unique_ptr<HttpClient> client_;
};

/// The string in field `key`, or "" when it is missing or no string.
std::string TextField(const JsonObject& object, std::string_view key);

/// The number in field `key`, or 0 when it is missing, no number or negative.
std::uint64_t NumberField(const JsonObject& object, std::string_view key);

/// The object in field `key`, or an empty one.
JsonObject ObjectField(const JsonObject& object, std::string_view key);

/// The Problem in an answer whose status is not 2xx.
Problem ProblemOfAnswer(const HttpResponse& response);

/// Path and query of an absolute or relative link; nullopt when it has none that begins with
/// "/v1/".
std::optional<std::string> PathOfLink(std::string_view link);

/// `path` with those of `fields` that are not empty as its query.
std::string WithQuery(std::string path, const Fields& fields);

/// 32 random hexadecimal digits. * kEntropyFailed.
Expected<std::string> RandomToken();

}  // namespace strata::cli
