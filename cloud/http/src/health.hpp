// SPDX-License-Identifier: Apache-2.0
/// What /healthz, /readyz and /metrics answer. Reference: docs/spec/rest.md "Health and metrics".
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "strata/cloud/domain/service.hpp"

#include "message.hpp"
#include "metrics.hpp"
#include "router.hpp"

namespace strata::cloud::http {

/// What the checks found last. Anybody may ask for health, and each check writes and syncs: asking
/// often must not keep the database from its work. Thread-safe.
class HealthCache {
 public:
  explicit HealthCache(std::chrono::milliseconds kept) : kept_(kept) {}

  /// As Service::Checks(), at most `kept` old. Whoever comes while another asks waits for him.
  std::vector<HealthCheck> Get(Service& service);

 private:
  std::chrono::milliseconds kept_;
  std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> asked_;
  std::vector<HealthCheck> found_;
};

/// Whether the process serves: 200, also when something is worse than it should be, else 503.
Response HealthAnswer(const Request& request, const Api& api);

/// Whether it is to be given requests: as HealthAnswer, by check, and 503 while it stops.
Response ReadyAnswer(const Request& request, const Api& api);

Response MetricsAnswer(const Api& api,
                       const HttpMetrics& metrics,
                       const std::function<std::string()>& more);

}  // namespace strata::cloud::http
