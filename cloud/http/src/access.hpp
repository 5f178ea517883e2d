// SPDX-License-Identifier: Apache-2.0
/// Who may use which route of the people's API: the one table of docs/spec/rest.md "API keys and
/// scopes". A test holds it against that page and against the routes.
#pragma once

#include <span>
#include <string_view>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/scopes.hpp"

#include "router.hpp"

namespace strata::cloud::http {

struct AccessRule {
  std::string_view method;
  std::string_view pattern;  ///< of the route
  Scopes scopes;             ///< any one of these, or admin, opens it
};

std::span<const AccessRule> AccessRules();

/// * 403/20006: `held` opens the route neither by its rule nor by admin; the message names what
/// would. A route without a rule opens to admin alone.
ApiOutcome CheckAccess(const Route& route, Scopes held);

}  // namespace strata::cloud::http
