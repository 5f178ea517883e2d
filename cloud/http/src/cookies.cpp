// SPDX-License-Identifier: Apache-2.0
#include "cookies.hpp"

#include <algorithm>

#include "text.hpp"

namespace strata::cloud::http {
namespace {

/// Cuts the first part of `list` off.
std::string_view TakePart(std::string_view& list, char separator) {
  const std::size_t end = std::min(list.find(separator), list.size());
  const std::string_view part = Trim(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return part;
}

/// `;q=0`, also `;q=0.00`.
bool IsRefused(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view parameter = TakePart(parameters, ';');
    if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
      parameter.remove_prefix(2);
      return !parameter.empty() && parameter.find_first_not_of("0.") == std::string_view::npos;
    }
  }
  return false;
}

/// "https://host:1" → "host:1".
std::string_view AuthorityOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string_view::npos ? std::string_view() : url.substr(scheme + 3);
}

bool LooksOnly(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

/// Of an `Origin` header, which may be absent.
bool IsForeign(const std::string* origin, const Request& request) {
  return origin != nullptr &&
         !EqualIgnoringCase(AuthorityOf(*origin), AuthorityOf(request.base_url));
}

}  // namespace

std::string_view CookieValue(std::string_view cookies, std::string_view name) {
  std::string_view value;
  bool found = false;
  while (!cookies.empty()) {
    const std::string_view pair = TakePart(cookies, ';');
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || Trim(pair.substr(0, equals)) != name) {
      continue;
    }
    if (found) {
      return {};
    }
    found = true;
    value = Trim(pair.substr(equals + 1));
  }
  return value;
}

AcceptedCodings ParseAcceptEncoding(std::string_view value) {
  AcceptedCodings accepted;
  while (!value.empty()) {
    std::string_view parameters = TakePart(value, ',');
    const std::string_view coding = TakePart(parameters, ';');
    const bool taken = !IsRefused(parameters);
    if (EqualIgnoringCase(coding, "br")) {
      accepted.brotli = taken;
    } else if (EqualIgnoringCase(coding, "gzip")) {
      accepted.gzip = taken;
    }
  }
  return accepted;
}

bool IsFromOwnPage(const Request& request) {
  const bool looks_only = LooksOnly(request);
  const std::string* const site = request.Find("Sec-Fetch-Site");
  const bool own_site =
      site == nullptr || *site == "same-origin" || (looks_only && *site == "none");
  return own_site && !IsForeign(request.Find("Origin"), request) &&
         (looks_only || request.Find("Strata-Console") != nullptr);
}

bool IsForeignForm(const Request& request) {
  const std::string* const site = request.Find("Sec-Fetch-Site");
  const std::string* const mode = request.Find("Sec-Fetch-Mode");
  if (site == nullptr) {
    // Not over TLS, or a browser of before 2023: forms and scripts of a page still name its origin.
    return !LooksOnly(request) && IsForeign(request.Find("Origin"), request);
  }
  return (*site == "cross-site" || *site == "same-site") && (mode == nullptr || *mode != "cors");
}

}  // namespace strata::cloud::http
