// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "strata/cloud/domain/service.hpp"

#include "form.hpp"
#include "json.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::size_t kMaxIdempotencyKeyChars = 64;

ApiResult<Response> ListApps(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const auto found, api.service->ListApps(*request.account, page));
  return ListResponse(request, page, "apps", found, AppJson);
}

ApiResult<Response> CreateApp(const Request& request, const Api& api) {
  Upload upload = *request.upload;
  if (const std::string* const key = request.Find("Idempotency-Key")) {
    const bool printable =
        std::all_of(key->begin(), key->end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    if (key->empty() || key->size() > kMaxIdempotencyKeyChars || !printable) {
      return BadParameter("Idempotency-Key must be 1 to 64 printable ASCII characters");
    }
    upload.idempotency_key = *key;
  }
  STRATA_API_ASSIGN(const CreatedApp created, api.service->CreateApp(*request.account, upload));
  Response response = JsonResponse(201, CreatedAppJson(created, request.base_url));
  if (created.replayed) {
    response.Set("Idempotent-Replay", "true");
  }
  return response;
}

ApiResult<Response> FetchApp(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const App app, api.service->FetchApp(*request.account, request.parameters[0]));
  return JsonResponse(200, AppJson(app, request.base_url));
}

ApiResult<Response> FetchManifest(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const AppManifest manifest,
                    api.service->FetchManifest(*request.account, request.parameters[0]));
  return JsonResponse(200, ManifestJson(manifest, request.base_url));
}

ApiResult<Response> DeleteApp(const Request& request, const Api& api) {
  return NoContent(api.service->DeleteApp(*request.account, request.parameters[0]));
}

constexpr std::array kAppRoutes = {
    Route{.method = "GET", .pattern = "/v1/Apps", .handler = ListApps},
    Route{.method = "POST", .pattern = "/v1/Apps", .body = BodyKind::kUpload, .handler = CreateApp},
    Route{.method = "GET", .pattern = "/v1/Apps/{}", .handler = FetchApp},
    Route{.method = "DELETE", .pattern = "/v1/Apps/{}", .handler = DeleteApp},
    Route{.method = "GET", .pattern = "/v1/Apps/{}/Manifest", .handler = FetchManifest},
};

}  // namespace

std::span<const Route> AppRoutes() {
  return kAppRoutes;
}

}  // namespace strata::cloud::http
