// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "strata/cloud/domain/service.hpp"

#include "form.hpp"
#include "json.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

ApiResult<Response> ListWebhooks(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const auto found, api.service->ListWebhooks(*request.account, page));
  return ListResponse(request, page, "webhooks", found, WebhookJson);
}

ApiResult<Response> CreateWebhook(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.body));
  STRATA_API_ASSIGN(const std::string url, form.Require("Url"));
  STRATA_API_ASSIGN(const auto friendly_name, form.Get("FriendlyName"));
  STRATA_API_ASSIGN(const auto made,
                    api.service->CreateWebhook(*request.account, url, friendly_name.value_or("")));
  return JsonResponse(201, CreatedWebhookJson(made.first, made.second, request.base_url));
}

ApiResult<Response> FetchWebhook(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Webhook webhook,
                    api.service->FetchWebhook(*request.account, request.parameters[0]));
  return JsonResponse(200, WebhookJson(webhook, request.base_url));
}

ApiResult<Response> DeleteWebhook(const Request& request, const Api& api) {
  return NoContent(api.service->DeleteWebhook(*request.account, request.parameters[0]));
}

ApiResult<Response> TestWebhook(const Request& request, const Api& api) {
  return NoContent(api.service->TestWebhook(*request.account, request.parameters[0]));
}

ApiResult<Response> ListDeadLetters(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const auto found,
                    api.service->ListDeadLetters(*request.account, request.parameters[0], page));
  return ListResponse(request, page, "dead_letters", found, DeadLetterJson);
}

ApiResult<Response> ResendDeadLetters(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.body));
  STRATA_API_ASSIGN(const std::optional<std::string> text, form.Get("Event"));
  std::optional<std::int64_t> event;
  if (text) {
    STRATA_API_ASSIGN(event, form.GetNumber<std::int64_t>("Event", 0));
  }
  STRATA_API_ASSIGN(const std::uint64_t resent,
                    api.service->ResendDeadLetters(*request.account, request.parameters[0], event));
  return JsonResponse(200, "{\"resent\":" + std::to_string(resent) + "}");
}

constexpr std::array kWebhookRoutes = {
    Route{.method = "GET", .pattern = "/v1/Webhooks", .handler = ListWebhooks},
    Route{.method = "POST",
          .pattern = "/v1/Webhooks",
          .body = BodyKind::kForm,
          .handler = CreateWebhook},
    Route{.method = "GET", .pattern = "/v1/Webhooks/{}", .handler = FetchWebhook},
    Route{.method = "POST", .pattern = "/v1/Webhooks/{}/Test", .handler = TestWebhook},
    Route{.method = "GET", .pattern = "/v1/Webhooks/{}/DeadLetters", .handler = ListDeadLetters},
    Route{.method = "POST",
          .pattern = "/v1/Webhooks/{}/Resend",
          .body = BodyKind::kForm,
          .handler = ResendDeadLetters},
    Route{.method = "DELETE", .pattern = "/v1/Webhooks/{}", .handler = DeleteWebhook},
};

}  // namespace

std::span<const Route> WebhookRoutes() {
  return kWebhookRoutes;
}

}  // namespace strata::cloud::http
