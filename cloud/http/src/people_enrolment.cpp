// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "strata/cloud/domain/service.hpp"

#include "form.hpp"
#include "json.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

ApiResult<Response> ListTokens(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const auto found, api.service->ListEnrolmentTokens(*request.account, page));
  return ListResponse(request, page, "enrolment_tokens", found, EnrolmentTokenJson);
}

ApiResult<Response> CreateTokens(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.body));
  EnrolmentTokenRequest wanted;
  STRATA_API_ASSIGN(wanted.count, form.GetNumber("Count", wanted.count));
  STRATA_API_ASSIGN(wanted.valid_sec, form.GetNumber("ValidSeconds", wanted.valid_sec));
  STRATA_API_ASSIGN(const auto friendly_name, form.Get("FriendlyName"));
  STRATA_API_ASSIGN(const auto hardware, form.Get("Hardware"));
  STRATA_API_ASSIGN(const auto tags, form.Get("Tags"));
  wanted.friendly_name = friendly_name.value_or("");
  wanted.hardware_type = hardware.value_or("");
  wanted.tags = tags.value_or("");
  STRATA_API_ASSIGN(const auto made, api.service->CreateEnrolmentTokens(*request.account, wanted));
  const DeviceCredentials cloud{"", api.server_ca_pem, api.device_url};
  return JsonResponse(201, CreatedEnrolmentTokensJson(made, cloud, request.base_url));
}

ApiResult<Response> FetchToken(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const EnrolmentToken token,
                    api.service->FetchEnrolmentToken(*request.account, request.parameters[0]));
  return JsonResponse(200, EnrolmentTokenJson(token, request.base_url));
}

ApiResult<Response> DeleteToken(const Request& request, const Api& api) {
  return NoContent(api.service->DeleteEnrolmentToken(*request.account, request.parameters[0]));
}

constexpr std::array kEnrolmentRoutes = {
    Route{.method = "GET", .pattern = "/v1/EnrolmentTokens", .handler = ListTokens},
    Route{.method = "POST",
          .pattern = "/v1/EnrolmentTokens",
          .body = BodyKind::kForm,
          .handler = CreateTokens},
    Route{.method = "GET", .pattern = "/v1/EnrolmentTokens/{}", .handler = FetchToken},
    Route{.method = "DELETE", .pattern = "/v1/EnrolmentTokens/{}", .handler = DeleteToken},
};

}  // namespace

std::span<const Route> EnrolmentTokenRoutes() {
  return kEnrolmentRoutes;
}

}  // namespace strata::cloud::http
