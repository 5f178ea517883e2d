// SPDX-License-Identifier: Apache-2.0
/// Site: what one listener serves. Admits a request (who is it, which route) and dresses answers.
/// Context: everything here may block on the store and runs on the worker pool.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "message.hpp"
#include "metrics.hpp"
#include "router.hpp"

namespace strata::cloud::http {

/// Exactly one of both is set.
struct Admission {
  const Route* route = nullptr;
  std::optional<Response> refusal;  ///< also an answer that needs no handler
};

class Site {
 public:
  explicit Site(Api api) : api_(std::move(api)) {}

  virtual ~Site() = default;
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  /// Authenticates, finds the route and fills in `account` or `device` and `parameters`. Runs
  /// before the body is read; for a waiting poll again before each look at the desired state.
  virtual Admission Admit(Request& request) const = 0;

  /// Whether who was admitted still may: asked again and again while a live stream lasts.
  /// No: this listener has none.
  virtual bool MayGoOn(const Request&, const Route&) const { return false; }

  /// Headers that every answer of this listener carries.
  virtual void Dress(const Request& request, Response& response) const = 0;

  /// Runs a route's handler; its refusal becomes an error answer.
  [[nodiscard]] Response Run(const Route& route, const Request& request) const;

 protected:
  [[nodiscard]] const Api& api() const { return api_; }

  /// FindRoute() with 404 and 405 as answers.
  static Admission Find(std::span<const Route> routes,
                        Request& request,
                        std::vector<std::string> segments);

 private:
  Api api_;
};

/// `Account`, `ApiKeys`, `Apps`, the audit log, `Keys`, `KeyChanges`, `Devices`, `Configs`,
/// `Secrets`, health and the console; HTTP Basic, or the cookie of a console's session.
class PeopleSite final : public Site {
 public:
  using Site::Site;
  Admission Admit(Request& request) const override;
  bool MayGoOn(const Request& request, const Route& route) const override;
  void Dress(const Request& request, Response& response) const override;
};

/// `/metrics`, `/healthz` and `/readyz` for whoever reaches the loopback address; no account's
/// business passes here.
class MetricsSite final : public Site {
 public:
  /// `metrics` outlives it.
  MetricsSite(Api api, const HttpMetrics& metrics, std::function<std::string()> more)
      : Site(std::move(api)), metrics_(metrics), more_(std::move(more)) {}

  Admission Admit(Request& request) const override;
  void Dress(const Request& request, Response& response) const override;

 private:
  const HttpMetrics& metrics_;
  std::function<std::string()> more_;
};

/// `/device/v1/…`; mutual TLS, but for the path that an enrolment token opens.
class DeviceSite final : public Site {
 public:
  using Site::Site;
  Admission Admit(Request& request) const override;
  void Dress(const Request& request, Response& response) const override;

 private:
  /// For who has no certificate yet.
  Admission AdmitToEnrol(Request& request) const;
};

/// The routes of each resource, in files of their own.
std::span<const Route> AccountRoutes();
std::span<const Route> ApiKeyRoutes();
std::span<const Route> AppRoutes();
std::span<const Route> AuditRoutes();
std::span<const Route> KeyRoutes();
std::span<const Route> KeyChangeRoutes();
std::span<const Route> DeviceRoutes();
std::span<const Route> EnrolmentTokenRoutes();
std::span<const Route> FleetRoutes();
std::span<const Route> EventRoutes();
std::span<const Route> LogRoutes();
std::span<const Route> SettingRoutes();
std::span<const Route> WebhookRoutes();
/// All of them: what PeopleSite serves below /v1.
std::span<const Route> PeopleRoutes();
/// What DeviceSite serves.
std::span<const Route> DeviceSideRoutes();

/// 404/20404 for the path of `request`.
ApiError NotFound(const Request& request);

/// 204, or the refusal.
ApiResult<Response> NoContent(const ApiOutcome& outcome);

/// SID and secret of `Authorization: Basic …`; nothing when it has another form.
struct BasicCredentials {
  std::string user;
  std::string password;  ///< secret
};

std::optional<BasicCredentials> ParseBasic(std::string_view authorization);

}  // namespace strata::cloud::http
