// SPDX-License-Identifier: Apache-2.0
#include "http_answer.hpp"

#include <algorithm>
#include <charconv>

namespace strata::device {
namespace {

/// Takes digits and then `end` from the front of `text`; `end` 0 means the end of the text.
bool TakeNumber(std::string_view& text, char end, std::uint64_t& out) {
  const std::size_t stop = end == '\0' ? text.size() : text.find(end);
  if (stop == std::string_view::npos || stop == 0) {
    return false;
  }
  const char* const last = text.data() + stop;
  const auto [parsed, error] = std::from_chars(text.data(), last, out);
  if (error != std::errc() || parsed != last) {
    return false;
  }
  text.remove_prefix(end == '\0' ? stop : stop + 1);
  return true;
}

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

std::optional<ContentRange> ParseContentRange(std::string_view value) {
  constexpr std::string_view kUnit = "bytes ";
  if (!value.starts_with(kUnit)) {
    return std::nullopt;
  }
  value.remove_prefix(kUnit.size());
  ContentRange range;
  if (!TakeNumber(value, '-', range.first) || !TakeNumber(value, '/', range.last) ||
      !TakeNumber(value, '\0', range.complete)) {
    return std::nullopt;
  }
  if (range.first > range.last || range.last >= range.complete) {
    return std::nullopt;
  }
  return range;
}

bool Answers(const ContentRange& range, const RangeRequest& request) {
  if (request.total != 0 && range.complete != request.total) {
    return false;
  }
  const std::uint64_t end =
      std::min<std::uint64_t>(std::uint64_t{request.offset} + request.count, range.complete);
  return range.first == request.offset && range.last + 1 == end;
}

std::string UsableEtag(std::string_view value) {
  const std::string_view quoted = value.starts_with("W/") ? value.substr(2) : value;
  if (value.size() > 128 || quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') {
    return {};
  }
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  const bool printable = std::all_of(
      inner.begin(), inner.end(), [](char c) { return c > ' ' && c <= '~' && c != '"'; });
  return printable ? std::string(value) : std::string();
}

std::optional<std::string_view> HeaderValue(std::string_view line, std::string_view name) {
  const std::size_t colon = line.find(':');
  if (colon != name.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (Lower(line[i]) != name[i]) {
      return std::nullopt;
    }
  }
  return Trimmed(line.substr(colon + 1));
}

}  // namespace strata::device
