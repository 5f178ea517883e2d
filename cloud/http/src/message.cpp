// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <algorithm>

namespace strata::cloud::http {

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

const std::string* Request::FindLast(std::string_view name) const {
  const auto last = std::find_if(headers.rbegin(), headers.rend(), [name](const Header& header) {
    return EqualIgnoringCase(header.name, name);
  });
  return last != headers.rend() ? &last->value : nullptr;
}

const std::string* Request::Find(std::string_view name) const {
  for (const Header& header : headers) {
    if (EqualIgnoringCase(header.name, name)) {
      return &header.value;
    }
  }
  return nullptr;
}

}  // namespace strata::cloud::http
