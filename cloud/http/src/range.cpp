// SPDX-License-Identifier: Apache-2.0
#include "range.hpp"

#include <algorithm>
#include <charconv>

#include "message.hpp"
#include "text.hpp"

namespace strata::cloud::http {
std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return value;
}

ByteRange ParseRange(std::string_view value, std::uint64_t size_bytes) {
  constexpr std::string_view kUnit = "bytes=";
  value = Trim(value);
  const std::size_t dash = value.find('-');
  if (!EqualIgnoringCase(value.substr(0, kUnit.size()), kUnit) || dash == std::string_view::npos) {
    return {};
  }
  const std::string_view last_text = Trim(value.substr(dash + 1));
  const auto first = ParseNumber(Trim(value.substr(kUnit.size(), dash - kUnit.size())));
  const auto last =
      last_text.empty() ? std::optional<std::uint64_t>(UINT64_MAX) : ParseNumber(last_text);
  if (!first || !last || *first > *last) {
    return {};
  }
  if (*first >= size_bytes) {
    return {RangeKind::kUnsatisfiable, 0, 0};
  }
  return {RangeKind::kPart, *first, std::min(*last, size_bytes - 1) - *first + 1};
}

std::optional<std::uint32_t> ParseWait(std::string_view prefer) {
  while (!prefer.empty()) {
    const std::size_t comma = std::min(prefer.find(','), prefer.size());
    const std::string_view preference = prefer.substr(0, comma);
    prefer.remove_prefix(std::min(comma + 1, prefer.size()));
    const std::string_view token = Trim(preference.substr(0, preference.find(';')));
    const std::size_t equals = std::min(token.find('='), token.size());
    if (!EqualIgnoringCase(Trim(token.substr(0, equals)), "wait")) {
      continue;
    }
    if (equals == token.size()) {
      return kDefaultWaitSeconds;
    }
    const auto seconds = ParseNumber(Trim(token.substr(equals + 1)));
    return seconds ? std::optional(static_cast<std::uint32_t>(
                         std::min<std::uint64_t>(*seconds, kMaxWaitSeconds)))
                   : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace strata::cloud::http
