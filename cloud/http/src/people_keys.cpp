// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "strata/cloud/domain/service.hpp"

#include "form.hpp"
#include "json.hpp"
#include "public_key_pem.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

ApiResult<Response> ListKeys(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const auto found, api.service->ListKeys(*request.account, page));
  return ListResponse(request, page, "keys", found, KeyJson);
}

ApiResult<Response> RegisterKey(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.body));
  STRATA_API_ASSIGN(const std::string pem, form.Require("PublicKey"));
  STRATA_API_ASSIGN(const auto type, form.Get("Type"));
  STRATA_API_ASSIGN(const auto friendly_name, form.Get("FriendlyName"));
  if (type && *type != "signing" && *type != "rotation") {
    return BadParameter("Type must be signing or rotation");
  }
  const bool rotation = type && *type == "rotation";
  const std::optional<PublicKey> key = ParsePublicKeyPem(pem);
  if (!key) {
    return BadParameter("PublicKey must be a P-256 public key in PEM");
  }
  STRATA_API_ASSIGN(
      const auto registered,
      api.service->RegisterKey(*request.account,
                               *key,
                               friendly_name.value_or(""),
                               rotation ? KeyType::kRotation : KeyType::kManifestSigner));
  return JsonResponse(registered.second ? 201 : 200, KeyJson(registered.first, request.base_url));
}

ApiResult<Response> FetchKey(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const SigningKey key,
                    api.service->FetchKey(*request.account, request.parameters[0]));
  return JsonResponse(200, KeyJson(key, request.base_url));
}

ApiResult<Response> DeleteKey(const Request& request, const Api& api) {
  return NoContent(api.service->DeleteKey(*request.account, request.parameters[0]));
}

constexpr std::array kKeyRoutes = {
    Route{.method = "GET", .pattern = "/v1/Keys", .handler = ListKeys},
    Route{.method = "POST", .pattern = "/v1/Keys", .body = BodyKind::kForm, .handler = RegisterKey},
    Route{.method = "GET", .pattern = "/v1/Keys/{}", .handler = FetchKey},
    Route{.method = "DELETE", .pattern = "/v1/Keys/{}", .handler = DeleteKey},
};

}  // namespace

std::span<const Route> KeyRoutes() {
  return kKeyRoutes;
}

}  // namespace strata::cloud::http
