// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "strata/cloud/domain/service.hpp"

#include "form.hpp"
#include "json.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

ApiResult<Response> ListApiKeys(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const auto found, api.service->ListApiKeys(*request.account, page));
  return ListResponse(request, page, "api_keys", found, ApiKeyJson);
}

ApiResult<Response> CreateApiKey(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.body));
  STRATA_API_ASSIGN(const std::string names, form.Require("Scopes"));
  STRATA_API_ASSIGN(const auto friendly_name, form.Get("FriendlyName"));
  const std::optional<Scopes> scopes = ParseScopes(names);
  if (!scopes) {
    return BadParameter("Scopes must be of read, deploy, provision and admin, joined by commas");
  }
  STRATA_API_ASSIGN(
      const auto made,
      api.service->CreateApiKey(*request.account, friendly_name.value_or(""), *scopes));
  return JsonResponse(201, CreatedApiKeyJson(made.first, made.second, request.base_url));
}

ApiResult<Response> FetchApiKey(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const ApiKey key,
                    api.service->FetchApiKey(*request.account, request.parameters[0]));
  return JsonResponse(200, ApiKeyJson(key, request.base_url));
}

ApiResult<Response> DeleteApiKey(const Request& request, const Api& api) {
  return NoContent(api.service->DeleteApiKey(*request.account, request.parameters[0]));
}

constexpr std::array kApiKeyRoutes = {
    Route{.method = "GET", .pattern = "/v1/ApiKeys", .handler = ListApiKeys},
    Route{.method = "POST",
          .pattern = "/v1/ApiKeys",
          .body = BodyKind::kForm,
          .handler = CreateApiKey},
    Route{.method = "GET", .pattern = "/v1/ApiKeys/{}", .handler = FetchApiKey},
    Route{.method = "DELETE", .pattern = "/v1/ApiKeys/{}", .handler = DeleteApiKey},
};

}  // namespace

std::span<const Route> ApiKeyRoutes() {
  return kApiKeyRoutes;
}

}  // namespace strata::cloud::http
