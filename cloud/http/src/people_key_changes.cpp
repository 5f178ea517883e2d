// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fstream>
#include <iterator>

#include "strata/cloud/domain/service.hpp"

#include "form.hpp"
#include "json.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

ApiResult<Response> ListKeyChanges(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const auto found, api.service->ListKeyChanges(*request.account, page));
  return ListResponse(request, page, "key_changes", found, KeyChangeJson);
}

ApiResult<Response> CreateKeyChange(const Request& request, const Api& api) {
  std::ifstream file(request.upload->path, std::ios::binary);
  const std::string message{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    return ApiError{.status = 500, .code = 20500, .message = "the server lost the upload"};
  }
  STRATA_API_ASSIGN(const auto made,
                    api.service->CreateKeyChange(*request.account, AsBytes(message)));
  return JsonResponse(made.second ? 201 : 200, WholeKeyChangeJson(made.first, request.base_url));
}

ApiResult<Response> FetchKeyChange(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const KeyChange change,
                    api.service->FetchKeyChange(*request.account, request.parameters[0]));
  return JsonResponse(200, WholeKeyChangeJson(change, request.base_url));
}

constexpr std::array kKeyChangeRoutes = {
    Route{.method = "GET", .pattern = "/v1/KeyChanges", .handler = ListKeyChanges},
    Route{.method = "POST",
          .pattern = "/v1/KeyChanges",
          .body = BodyKind::kSmallUpload,
          .handler = CreateKeyChange},
    Route{.method = "GET", .pattern = "/v1/KeyChanges/{}", .handler = FetchKeyChange},
};

}  // namespace

std::span<const Route> KeyChangeRoutes() {
  return kKeyChangeRoutes;
}

}  // namespace strata::cloud::http
