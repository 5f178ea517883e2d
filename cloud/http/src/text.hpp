// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace strata::cloud::http {

/// `text` without the blanks and tabs around it (OWS, RFC 9110 section 5.6.3); a part of `text`.
inline std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace strata::cloud::http
