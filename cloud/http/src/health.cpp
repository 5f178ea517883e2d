// SPDX-License-Identifier: Apache-2.0
#include "health.hpp"

#include <algorithm>
#include <ctime>
#include <vector>

#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::int64_t kWarnSec = 14 * 24 * 60 * 60;

HealthCheck CheckCertificate(std::int64_t expires) {
  HealthCheck check{.name = "certificate"};
  const std::int64_t left = expires - static_cast<std::int64_t>(std::time(nullptr));
  if (expires != 0 && left < kWarnSec) {
    check.problem = left < 0 ? "the server's certificate has expired"
                             : "the server's certificate expires within 14 days";
  }
  return check;
}

std::vector<HealthCheck> AllChecks(const Api& api) {
  std::vector<HealthCheck> checks =
      api.health != nullptr ? api.health->Get(*api.service) : api.service->Checks();
  checks.push_back(CheckCertificate(*api.certificate_expires));
  return checks;
}

bool IsStopping(const Api& api) {
  return api.stopping != nullptr && api.stopping->load();
}

std::string_view StatusOf(const HealthCheck& check) {
  if (check.problem.empty()) {
    return "ok";
  }
  return check.failed ? "failed" : "degraded";
}

/// What can't be asked is left out: a 0 would be a lie.
void WriteTotals(Service& service, MetricsText& text) {
  if (const auto totals = service.CountAll(); totals.ok()) {
    text.Gauge("strata_accounts", "Accounts.", totals->accounts);
    text.Gauge("strata_apps", "Apps of all accounts.", totals->apps);
    text.Begin("strata_devices", "gauge", "Devices of all accounts by the state of their update.");
    text.Value("strata_devices", Label("status", "up-to-date"), totals->devices.up_to_date);
    text.Value("strata_devices", Label("status", "pending"), totals->devices.pending);
    text.Value("strata_devices", Label("status", "error"), totals->devices.error);
  }
  if (const auto space = service.DiskSpace()) {
    text.Gauge("strata_disk_free_bytes", "Free for layers.", space->free_bytes);
    text.Gauge("strata_disk_total_bytes", "Size of the disk of layers.", space->total_bytes);
  }
}

}  // namespace

std::vector<HealthCheck> HealthCache::Get(Service& service) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!asked_ || now - *asked_ >= kept_) {
    found_ = service.Checks();
    asked_ = now;
  }
  return found_;
}

Response HealthAnswer(const Request& request, const Api& api) {
  std::string failures;
  boost::json::array problems;
  for (const HealthCheck& check : AllChecks(api)) {
    if (check.failed) {
      failures += (failures.empty() ? "" : "; ") + check.problem;
    }
    if (!check.problem.empty()) {
      problems.emplace_back(Text(check.problem));
    }
  }
  if (!failures.empty()) {
    return ErrorResponse({.status = 503, .code = 20503, .message = failures, .retry_after_sec = 5},
                         request.base_url);
  }
  boost::json::object answer{{"status", problems.empty() ? "ok" : "degraded"}};
  if (!problems.empty()) {
    answer["problems"] = std::move(problems);
  }
  return JsonResponse(200, boost::json::serialize(answer));
}

Response ReadyAnswer(const Request& /*request*/, const Api& api) {
  bool ready = !IsStopping(api);
  bool well = true;
  boost::json::object checks;
  for (const HealthCheck& check : AllChecks(api)) {
    ready = ready && !check.failed;
    well = well && check.problem.empty();
    checks[check.name] = boost::json::object{
        {"status", Text(StatusOf(check))},
        {"problem", OrNull(check.problem.empty() ? std::nullopt : std::optional(check.problem))}};
  }
  checks["serving"] =
      boost::json::object{{"status", IsStopping(api) ? "failed" : "ok"}, {"problem", nullptr}};
  const boost::json::object answer{{"status", !ready ? "failed" : (well ? "ok" : "degraded")},
                                   {"checks", std::move(checks)}};
  return JsonResponse(ready ? 200 : 503, boost::json::serialize(answer));
}

Response MetricsAnswer(const Api& api,
                       const HttpMetrics& metrics,
                       const std::function<std::string()>& more) {
  MetricsText text;
  WriteProcess(text);
  metrics.Write(text);
  WriteTotals(*api.service, text);
  text.Gauge("strata_certificate_expiry_seconds",
             "When the server's certificate ends, in seconds since 1970.",
             static_cast<std::uint64_t>(std::max<std::int64_t>(*api.certificate_expires, 0)));
  text.Begin("strata_health", "gauge", "1: well, 0.5: worse than it should be, 0: failed.");
  for (const HealthCheck& check : AllChecks(api)) {
    text.Value("strata_health",
               Label("check", check.name),
               check.problem.empty() ? 1.0 : (check.failed ? 0.0 : 0.5));
  }
  Response response;
  response.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = text.text() + (more ? more() : std::string());
  return response;
}

}  // namespace strata::cloud::http
