// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "strata/cloud/domain/service.hpp"
#include "strata/core/secure.hpp"

#include "access.hpp"
#include "console.hpp"
#include "cookies.hpp"
#include "health.hpp"
#include "json.hpp"
#include "site.hpp"
#include "spec_page.hpp"
#include "target.hpp"

namespace strata::cloud::http {
namespace {

Response Preflight() {
  Response response;
  response.status = 204;
  response.Set("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS");
  response.Set("Access-Control-Allow-Headers",
               "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
               "Last-Event-ID");
  response.Set("Access-Control-Max-Age", "86400");
  return response;
}

bool IsV1(std::string_view path) {
  return path == "/v1" || path.starts_with("/v1/");
}

/// By the console's cookie.
ApiResult<Caller> Resume(const Request& request, Service& service) {
  if (!IsFromOwnPage(request)) {
    return ForeignPage();
  }
  ApiResult<ConsoleSession> session = service.ResumeSession(SessionToken(request));
  if (!session.ok()) {
    return session.error();
  }
  return std::move(session->caller);
}

ApiResult<Caller> Authenticate(const Request& request, Service& service) {
  const std::string* const header = request.Find("Authorization");
  if (header == nullptr && !SessionToken(request).empty()) {
    return Resume(request, service);
  }
  if (header != nullptr && IsForeignForm(request)) {
    return ForeignPage();
  }
  std::optional<BasicCredentials> given = header != nullptr ? ParseBasic(*header) : std::nullopt;
  if (!given) {
    return ApiError{.status = 401,
                    .code = 20003,
                    .message =
                        "authenticate with the account SID and its auth token, or with "
                        "an API key and its secret"};
  }
  ApiResult<Caller> caller = service.Authenticate(given->user, given->password);
  SecureZero({reinterpret_cast<std::uint8_t*>(given->password.data()), given->password.size()});
  return caller;
}

bool IsRead(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

Response NotRead(const Request& request) {
  Response refusal = ErrorResponse(
      {.status = 405, .code = 20004, .message = "this path takes GET, not " + request.method},
      request.base_url);
  refusal.Set("Allow", "GET, HEAD");
  return refusal;
}

ApiError NotHere(const Request& request) {
  ApiError error = NotFound(request);
  if (request.path.starts_with("/device/")) {
    error.message += "; devices have another URL, the second that strata-cloud serve prints";
  }
  return error;
}

Response PageResponse(std::string_view page) {
  Response response;
  response.Set("Content-Type", "text/markdown; charset=utf-8");
  response.body = page;
  return response;
}

}  // namespace

std::span<const Route> PeopleRoutes() {
  static const std::vector<Route> kRoutes = [] {
    std::vector<Route> all;
    for (const std::span<const Route> some : {AccountRoutes(),
                                              ApiKeyRoutes(),
                                              AppRoutes(),
                                              AuditRoutes(),
                                              KeyRoutes(),
                                              KeyChangeRoutes(),
                                              DeviceRoutes(),
                                              EnrolmentTokenRoutes(),
                                              FleetRoutes(),
                                              EventRoutes(),
                                              LogRoutes(),
                                              SettingRoutes(),
                                              WebhookRoutes()}) {
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }();
  return kRoutes;
}

Admission PeopleSite::Admit(Request& request) const {
  const std::string_view page = SpecPage(request.path);
  const bool health = request.path == "/healthz";
  if (health || request.path == "/readyz" || !page.empty()) {
    if (!IsRead(request)) {
      return {nullptr, NotRead(request)};
    }
    return {nullptr,
            health ? HealthAnswer(request, api())
                   : (page.empty() ? ReadyAnswer(request, api()) : PageResponse(page))};
  }
  if (request.path == "/console/session") {
    return Find(ConsoleRoutes(), request, {"console", "session"});
  }
  if (IsConsole(request.path)) {
    return {nullptr, ConsolePage(request, api().console)};
  }
  if (!IsV1(request.path)) {
    return {nullptr, ErrorResponse(NotHere(request), request.base_url)};
  }
  if (request.method == "OPTIONS") {
    return {nullptr, Preflight()};
  }
  ApiResult<Caller> caller = Authenticate(request, *api().service);
  if (!caller.ok()) {
    return {nullptr, ErrorResponse(caller.error(), request.base_url)};
  }
  if (const ApiOutcome pace = api().service->AdmitRequest(caller->account); !pace.ok()) {
    return {nullptr, ErrorResponse(pace.error(), request.base_url)};
  }
  const bool by_key = caller->api_key.has_value();
  request.origin =
      Origin{.actor = std::string(by_key ? caller->api_key->text() : caller->account.sid.text()),
             .address = request.address,
             .request = request.id};
  request.account = std::move(caller->account);
  std::optional<std::vector<std::string>> segments = SplitPath(request.path);
  if (!segments) {
    return {nullptr, ErrorResponse(NotFound(request), request.base_url)};
  }
  if (request.path.ends_with(".json")) {  // %2Ejson is part of a name
    std::string given = segments->back();
    DropJsonSuffix(*segments);
    request.with_suffix = segments->back() == given ? std::string() : std::move(given);
  }
  Admission admission = Find(PeopleRoutes(), request, std::move(*segments));
  if (admission.route == nullptr) {
    return admission;
  }
  ApiOutcome allowed = CheckAccess(*admission.route, caller->scopes);
  if (allowed.ok() && admission.route->body == BodyKind::kUpload) {
    allowed = api().service->AdmitUpload(*request.account);
  }
  return allowed.ok() ? admission
                      : Admission{nullptr, ErrorResponse(allowed.error(), request.base_url)};
}

bool PeopleSite::MayGoOn(const Request& request, const Route& route) const {
  const ApiResult<Caller> caller = Authenticate(request, *api().service);
  return caller.ok() && caller->account.sid == request.account->sid &&
         CheckAccess(route, caller->scopes).ok();
}

void PeopleSite::Dress(const Request& request, Response& response) const {
  if (IsConsole(request.path)) {
    DressConsole(response);
  }
  if (response.status == 401 && !IsFromBrowser(request)) {
    response.Set("WWW-Authenticate", "Basic realm=\"strata\"");
  }
  if (IsV1(request.path)) {
    response.Set("Access-Control-Allow-Origin", "*");
    response.Set(
        "Access-Control-Expose-Headers",
        "Allow, ETag, Idempotent-Replay, Retry-After, Twilio-Request-Id, WWW-Authenticate");
  }
}

}  // namespace strata::cloud::http
