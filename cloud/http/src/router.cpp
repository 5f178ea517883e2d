// SPDX-License-Identifier: Apache-2.0
#include "router.hpp"

#include <algorithm>

namespace strata::cloud::http {
namespace {

/// The values of `{}`; nothing when the path does not have the pattern's form.
std::optional<std::vector<std::string>> MatchPattern(std::string_view pattern,
                                                     const std::vector<std::string>& segments) {
  std::vector<std::string> parameters;
  for (const std::string& segment : segments) {
    if (pattern.empty()) {
      return std::nullopt;
    }
    pattern.remove_prefix(1);
    const std::size_t end = std::min(pattern.find('/'), pattern.size());
    const std::string_view expected = pattern.substr(0, end);
    pattern.remove_prefix(end);
    if (expected == "{}" && !segment.empty()) {
      parameters.push_back(segment);
    } else if (expected != segment) {
      return std::nullopt;
    }
  }
  return pattern.empty() ? std::optional(std::move(parameters)) : std::nullopt;
}

}  // namespace

Match FindRoute(std::span<const Route> routes,
                std::string_view method,
                const std::vector<std::string>& segments) {
  Match match;
  for (const Route& route : routes) {
    std::optional<std::vector<std::string>> parameters = MatchPattern(route.pattern, segments);
    if (!parameters) {
      continue;
    }
    match.allow += match.allow.empty() ? "" : ", ";
    match.allow += route.method;
    if (route.method == method) {
      match.route = &route;
      match.parameters = std::move(*parameters);
    }
  }
  return match;
}

void DropJsonSuffix(std::vector<std::string>& segments) {
  constexpr std::string_view kSuffix = ".json";
  std::string& last = segments.back();
  if (last.size() > kSuffix.size() && last.ends_with(kSuffix)) {
    last.resize(last.size() - kSuffix.size());
  }
}

}  // namespace strata::cloud::http
