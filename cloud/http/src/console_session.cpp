// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <boost/json.hpp>

#include "strata/cloud/domain/service.hpp"
#include "strata/core/secure.hpp"

#include "console.hpp"
#include "cookies.hpp"
#include "form.hpp"
#include "json.hpp"
#include "json_text.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::string_view kSecureName = "__Host-strata-session";
constexpr std::string_view kPlainName = "strata-session";

bool IsSecure(const Request& request) {
  return request.base_url.starts_with("https://");
}

std::string_view CookieName(const Request& request) {
  return IsSecure(request) ? kSecureName : kPlainName;
}

void SetCookie(Response& response, const Request& request, std::string_view value, int age_sec) {
  std::string cookie(CookieName(request));
  cookie += "=";
  cookie += value;
  cookie += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(age_sec);
  cookie += IsSecure(request) ? "; Secure" : "";
  response.Set("Set-Cookie", std::move(cookie));
}

std::string SessionJson(const ConsoleSession& session) {
  boost::json::array scopes;
  for (const Scope scope : kAllScopes) {
    if (session.caller.scopes.Has(scope)) {
      scopes.emplace_back(Text(NameOf(scope)));
    }
  }
  const Account& account = session.caller.account;
  boost::json::object object;
  object["account_sid"] = Text(account.sid.text());
  object["friendly_name"] = Text(account.friendly_name);
  object["api_key_sid"] = session.caller.api_key
                              ? boost::json::value(Text(session.caller.api_key->text()))
                              : boost::json::value();
  object["scopes"] = std::move(scopes);
  object["date_expires"] = Text(DateText(session.date_expires));
  return boost::json::serialize(object);
}

ApiResult<Response> SignIn(const Request& request, const Api& api) {
  if (!IsFromOwnPage(request)) {
    return ForeignPage();
  }
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.body));
  STRATA_API_ASSIGN(const std::string sid, form.Require("Sid"));
  STRATA_API_ASSIGN(std::string secret, form.Require("Secret"));
  const auto begun = api.service->SignIn(sid, secret, request.address);
  SecureZero({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()});
  if (!begun.ok()) {
    return begun.error();
  }
  constexpr int kAgeSec = 12 * 60 * 60;
  Response response = JsonResponse(200, SessionJson(begun->first));
  SetCookie(response, request, begun->second, kAgeSec);
  return response;
}

ApiResult<Response> WhoIsSignedIn(const Request& request, const Api& api) {
  if (!IsFromOwnPage(request)) {
    return ForeignPage();
  }
  const std::string_view token = SessionToken(request);
  if (token.empty()) {
    return NoContent(Empty{});
  }
  const ApiResult<ConsoleSession> session = api.service->ResumeSession(token);
  if (session.ok()) {
    return JsonResponse(200, SessionJson(*session));
  }
  if (session.error().status != 401) {
    return session.error();
  }
  STRATA_API_ASSIGN(Response nobody, NoContent(Empty{}));
  SetCookie(nobody, request, "", 0);
  return nobody;
}

ApiResult<Response> SignOut(const Request& request, const Api& api) {
  if (!IsFromOwnPage(request)) {
    return ForeignPage();
  }
  STRATA_API_ASSIGN(Response response, NoContent(api.service->SignOut(SessionToken(request))));
  SetCookie(response, request, "", 0);
  return response;
}

constexpr std::array kSessionRoutes = {
    Route{.method = "GET", .pattern = "/console/session", .handler = WhoIsSignedIn},
    Route{.method = "POST",
          .pattern = "/console/session",
          .body = BodyKind::kForm,
          .handler = SignIn},
    Route{.method = "DELETE", .pattern = "/console/session", .handler = SignOut},
};

}  // namespace

std::span<const Route> ConsoleRoutes() {
  return kSessionRoutes;
}

std::string_view SessionToken(const Request& request) {
  const std::string* const cookies = request.Find("Cookie");
  return cookies != nullptr ? CookieValue(*cookies, CookieName(request)) : std::string_view();
}

}  // namespace strata::cloud::http
