// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/domain/scopes.hpp"

#include <algorithm>

namespace strata::cloud {

std::string_view NameOf(Scope scope) {
  switch (scope) {
    case Scope::kRead:
      return "read";
    case Scope::kDeploy:
      return "deploy";
    case Scope::kProvision:
      return "provision";
    case Scope::kAdmin:
      return "admin";
  }
  return "";
}

std::optional<Scopes> ParseScopes(std::string_view text) {
  Scopes scopes;
  while (true) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view name = text.substr(0, end);
    const auto found = std::find_if(
        kAllScopes.begin(), kAllScopes.end(), [name](Scope s) { return NameOf(s) == name; });
    if (found == kAllScopes.end()) {
      return std::nullopt;
    }
    scopes = scopes | *found;
    if (end == text.size()) {
      return scopes;
    }
    text.remove_prefix(end + 1);
  }
}

std::string ScopesText(Scopes scopes, std::string_view between) {
  std::string text;
  for (const Scope scope : kAllScopes) {
    if (scopes.Has(scope)) {
      text += text.empty() ? "" : between;
      text += NameOf(scope);
    }
  }
  return text;
}

}  // namespace strata::cloud
