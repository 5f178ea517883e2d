// SPDX-License-Identifier: Apache-2.0
/// Request targets: RFC 9112 §3.2, RFC 3986. Input is attacker-controlled.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::cloud::http {

struct Target {
  std::string path;   ///< begins with '/'
  std::string query;  ///< without '?'
};

/// Origin form, or absolute form whose scheme and authority are dropped; visible ASCII without '#'.
std::optional<Target> ParseTarget(std::string_view raw);

/// Decodes %XX; nothing for a '%' without two hexadecimal digits.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);

/// "/a/b%2Fc" → "a", "b/c": split first, then decoded. Nothing when a segment is not valid
/// percent-encoding of UTF-8 without control characters.
std::optional<std::vector<std::string>> SplitPath(std::string_view path);

/// Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool IsUtf8(std::string_view text);

}  // namespace strata::cloud::http
