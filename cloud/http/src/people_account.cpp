// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "strata/cloud/domain/service.hpp"

#include "form.hpp"
#include "json.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

ApiResult<Response> Describe(const Account& account, const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const AccountUsage usage, api.service->UsageOf(account));
  return JsonResponse(200, AccountJson(account, usage, api.service->limits(), request.base_url));
}

ApiResult<Response> FetchAccount(const Request& request, const Api& api) {
  return Describe(*request.account, request, api);
}

ApiResult<Response> UpdateAccount(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.body));
  AccountUpdate update;
  STRATA_API_ASSIGN(update.friendly_name, form.Get("FriendlyName"));
  STRATA_API_ASSIGN(const auto development_signing, form.Get("DevelopmentSigning"));
  if (development_signing) {
    STRATA_API_ASSIGN(update.development_signing, form.GetBool("DevelopmentSigning", false));
  }
  STRATA_API_ASSIGN(const Account account, api.service->UpdateAccount(*request.account, update));
  return Describe(account, request, api);
}

constexpr std::array kAccountRoutes = {
    Route{.method = "GET", .pattern = "/v1/Account", .handler = FetchAccount},
    Route{.method = "POST",
          .pattern = "/v1/Account",
          .body = BodyKind::kForm,
          .handler = UpdateAccount},
};

}  // namespace

std::span<const Route> AccountRoutes() {
  return kAccountRoutes;
}

}  // namespace strata::cloud::http
