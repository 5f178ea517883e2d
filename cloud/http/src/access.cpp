// SPDX-License-Identifier: Apache-2.0
#include "access.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace strata::cloud::http {
namespace {

constexpr Scopes kLook = Scope::kRead | Scope::kDeploy;

constexpr std::array kRules = {
    AccessRule{"GET", "/v1/Account", kLook | Scope::kProvision},
    AccessRule{"POST", "/v1/Account", Scope::kAdmin},
    AccessRule{"GET", "/v1/AuditLog", Scope::kAdmin},
    AccessRule{"GET", "/v1/AuditCheckpoints", Scope::kAdmin},
    AccessRule{"POST", "/v1/AuditCheckpoints", Scope::kAdmin},
    AccessRule{"GET", "/v1/Apps", kLook},
    AccessRule{"POST", "/v1/Apps", Scope::kDeploy},
    AccessRule{"GET", "/v1/Apps/{}", kLook},
    AccessRule{"DELETE", "/v1/Apps/{}", Scope::kDeploy},
    AccessRule{"GET", "/v1/Apps/{}/Manifest", kLook},
    AccessRule{"GET", "/v1/Keys", kLook},
    AccessRule{"POST", "/v1/Keys", Scope::kAdmin},
    AccessRule{"GET", "/v1/Keys/{}", kLook},
    AccessRule{"DELETE", "/v1/Keys/{}", Scope::kAdmin},
    AccessRule{"GET", "/v1/KeyChanges", kLook | Scope::kProvision},
    AccessRule{"POST", "/v1/KeyChanges", Scope::kAdmin},
    AccessRule{"GET", "/v1/KeyChanges/{}", kLook | Scope::kProvision},
    AccessRule{"GET", "/v1/Devices", kLook},
    AccessRule{"POST", "/v1/Devices", Scope::kProvision},
    AccessRule{"GET", "/v1/Devices/{}", kLook},
    AccessRule{"POST", "/v1/Devices/{}", Scope::kDeploy},
    AccessRule{"DELETE", "/v1/Devices/{}", Scope::kAdmin},
    AccessRule{"GET", "/v1/EnrolmentTokens", Scope::kProvision},
    AccessRule{"POST", "/v1/EnrolmentTokens", Scope::kProvision},
    AccessRule{"GET", "/v1/EnrolmentTokens/{}", Scope::kProvision},
    AccessRule{"DELETE", "/v1/EnrolmentTokens/{}", Scope::kProvision},
    AccessRule{"GET", "/v1/Events", kLook},
    AccessRule{"GET", "/v1/Events/Stream", kLook},
    AccessRule{"GET", "/v1/Devices/{}/Updates", kLook},
    AccessRule{"GET", "/v1/Devices/{}/Logs", kLook},
    AccessRule{"GET", "/v1/Devices/{}/Logs/Stream", kLook},
    AccessRule{"GET", "/v1/DeviceCounts", kLook},
    AccessRule{"GET", "/v1/DeviceHistory", kLook},
    AccessRule{"GET", "/v1/Configs", kLook},
    AccessRule{"POST", "/v1/Configs", Scope::kDeploy},
    AccessRule{"GET", "/v1/Configs/{}", kLook},
    AccessRule{"POST", "/v1/Configs/{}", Scope::kDeploy},
    AccessRule{"DELETE", "/v1/Configs/{}", Scope::kDeploy},
    AccessRule{"GET", "/v1/Secrets", kLook},
    AccessRule{"POST", "/v1/Secrets", Scope::kDeploy},
    AccessRule{"GET", "/v1/Secrets/{}", kLook},
    AccessRule{"POST", "/v1/Secrets/{}", Scope::kDeploy},
    AccessRule{"DELETE", "/v1/Secrets/{}", Scope::kDeploy},
    AccessRule{"GET", "/v1/Devices/{}/Configs", kLook},
    AccessRule{"POST", "/v1/Devices/{}/Configs", Scope::kDeploy},
    AccessRule{"GET", "/v1/Devices/{}/Configs/{}", kLook},
    AccessRule{"POST", "/v1/Devices/{}/Configs/{}", Scope::kDeploy},
    AccessRule{"DELETE", "/v1/Devices/{}/Configs/{}", Scope::kDeploy},
    AccessRule{"GET", "/v1/Devices/{}/Secrets", kLook},
    AccessRule{"POST", "/v1/Devices/{}/Secrets", Scope::kDeploy},
    AccessRule{"GET", "/v1/Devices/{}/Secrets/{}", kLook},
    AccessRule{"POST", "/v1/Devices/{}/Secrets/{}", Scope::kDeploy},
    AccessRule{"DELETE", "/v1/Devices/{}/Secrets/{}", Scope::kDeploy},
    AccessRule{"GET", "/v1/Webhooks", Scope::kAdmin},
    AccessRule{"POST", "/v1/Webhooks", Scope::kAdmin},
    AccessRule{"GET", "/v1/Webhooks/{}", Scope::kAdmin},
    AccessRule{"DELETE", "/v1/Webhooks/{}", Scope::kAdmin},
    AccessRule{"POST", "/v1/Webhooks/{}/Test", Scope::kAdmin},
    AccessRule{"GET", "/v1/Webhooks/{}/DeadLetters", Scope::kAdmin},
    AccessRule{"POST", "/v1/Webhooks/{}/Resend", Scope::kAdmin},
    AccessRule{"GET", "/v1/ApiKeys", Scope::kAdmin},
    AccessRule{"POST", "/v1/ApiKeys", Scope::kAdmin},
    AccessRule{"GET", "/v1/ApiKeys/{}", Scope::kAdmin},
    AccessRule{"DELETE", "/v1/ApiKeys/{}", Scope::kAdmin},
};

Scopes NeededBy(const Route& route) {
  const auto rule = std::find_if(kRules.begin(), kRules.end(), [&route](const AccessRule& each) {
    return each.method == route.method && each.pattern == route.pattern;
  });
  return rule == kRules.end() ? Scopes(Scope::kAdmin) : rule->scopes;
}

}  // namespace

std::span<const AccessRule> AccessRules() {
  return kRules;
}

ApiOutcome CheckAccess(const Route& route, Scopes held) {
  const Scopes needed = NeededBy(route);
  if (held.Has(Scope::kAdmin) || held.Meets(needed)) {
    return Empty{};
  }
  const std::string has = held == Scopes() ? "none" : ScopesText(held, ", ");
  return ApiError{.status = 403,
                  .code = 20006,
                  .message = "this needs an API key with the scope " +
                             ScopesText(needed | Scope::kAdmin, " or ") + "; this one has " + has +
                             "; make another with strata api-keys create"};
}

}  // namespace strata::cloud::http
