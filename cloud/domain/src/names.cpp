// SPDX-License-Identifier: Apache-2.0
#include "names.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include "strata/core/hex.hpp"

#include "api_errors.hpp"

namespace strata::cloud {
namespace {

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool IsAscii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

/// Length of the sequence that `lead` begins, 0 when none does; `bits` gets its payload.
std::size_t SequenceLength(std::uint8_t lead, std::uint32_t& bits) {
  if (lead < 0x80) {
    bits = lead;
    return 1;
  }
  if ((lead & 0xE0U) == 0xC0) {
    bits = lead & 0x1FU;
    return 2;
  }
  if ((lead & 0xF0U) == 0xE0) {
    bits = lead & 0x0FU;
    return 3;
  }
  bits = lead & 0x07U;
  return (lead & 0xF8U) == 0xF0 ? 4 : 0;
}

/// Removes one scalar from the front; nullopt when there is no well-formed one.
std::optional<std::uint32_t> TakeScalar(std::string_view& text) {
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  std::uint32_t scalar = 0;
  const std::size_t length = SequenceLength(static_cast<std::uint8_t>(text.front()), scalar);
  if (length == 0 || length > text.size()) {
    return std::nullopt;
  }
  for (const char c : text.substr(1, length - 1)) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte & 0xC0U) != 0x80) {
      return std::nullopt;
    }
    scalar = (scalar << 6U) | (byte & 0x3FU);
  }
  const bool surrogate = scalar >= 0xD800 && scalar <= 0xDFFF;
  if (scalar < kSmallest[length] || scalar > 0x10FFFF || surrogate) {
    return std::nullopt;
  }
  text.remove_prefix(length);
  return scalar;
}

void AppendScalar(std::string& text, std::uint32_t scalar) {
  constexpr std::array<std::uint32_t, 4> kEnds = {0x80, 0x800, 0x10000, 0x110000};
  constexpr std::array<std::uint32_t, 4> kLeads = {0, 0xC0, 0xE0, 0xF0};
  std::size_t more = 0;
  while (scalar >= kEnds[more]) {
    ++more;
  }
  text += static_cast<char>(kLeads[more] | (scalar >> (6 * more)));
  while (more-- > 0) {
    text += static_cast<char>(0x80U | ((scalar >> (6 * more)) & 0x3FU));
  }
}

ApiError BadName(std::string_view why) {
  return BadParameter("UniqueName: " + std::string(why) + "; choose another name");
}

}  // namespace

std::optional<std::size_t> CountPlainScalars(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::optional<std::uint32_t> scalar = TakeScalar(text);
    if (!scalar || *scalar < 0x20 || (*scalar >= 0x7F && *scalar <= 0x9F)) {
      return std::nullopt;
    }
    ++count;
  }
  return count;
}

std::string PlainText(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    std::string_view rest = text;
    const std::optional<std::uint32_t> scalar = TakeScalar(rest);
    const bool control = scalar && (*scalar < 0x20 || (*scalar >= 0x7F && *scalar <= 0x9F));
    if (!scalar) {
      rest = text.substr(1);
    }
    if (!scalar || control) {
      plain += scalar == std::uint32_t{'\t'} ? ' ' : '.';
    } else {
      plain += text.substr(0, text.size() - rest.size());
    }
    text = rest;
  }
  return plain;
}

bool HasSidShape(std::string_view text) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  return text.size() == 34 && is_capital(text[0]) && is_capital(text[1]) &&
         std::all_of(text.begin() + 2, text.end(), IsHexDigit);
}

ApiOutcome CheckUniqueName(std::string_view name) {
  const std::optional<std::size_t> scalars = CountPlainScalars(name);
  if (!scalars) {
    return BadName("it must be UTF-8 without control characters");
  }
  if (*scalars < 1 || *scalars > kMaxNameScalars) {
    return BadName("it must have 1 to 64 characters");
  }
  if (name.find('/') != std::string_view::npos) {
    return BadName("it must not contain a slash");
  }
  if (name == "." || name == "..") {
    return BadName("it must not be . or ..");
  }
  if (name.ends_with(".json")) {
    return BadName("it must not end in .json");
  }
  if (HasSidShape(name)) {
    return BadName("it must not look like a SID");
  }
  return Empty{};
}

ApiOutcome CheckFriendlyName(std::string_view name) {
  const std::optional<std::size_t> scalars = CountPlainScalars(name);
  if (!scalars || *scalars > kMaxNameScalars) {
    return BadParameter(
        "FriendlyName: it must be UTF-8 without control characters and have at most 64 "
        "characters; shorten it");
  }
  return Empty{};
}

std::optional<std::string> TextBehind(std::string_view prefix) {
  std::vector<std::uint32_t> scalars;
  while (!prefix.empty()) {
    const std::optional<std::uint32_t> scalar = TakeScalar(prefix);
    if (!scalar) {
      return std::nullopt;
    }
    scalars.push_back(*scalar);
  }
  while (!scalars.empty() && scalars.back() == 0x10FFFF) {
    scalars.pop_back();
  }
  if (scalars.empty()) {
    return std::nullopt;
  }
  std::uint32_t& last = scalars.back();
  last = last == 0xD7FF ? 0xE000 : last + 1;  // surrogates are no scalars
  std::string text;
  for (const std::uint32_t scalar : scalars) {
    AppendScalar(text, scalar);
  }
  return text;
}

ApiOutcome CheckTag(std::string_view tag, std::string_view parameter) {
  const std::optional<std::size_t> scalars = CountPlainScalars(tag);
  const bool edges = tag.starts_with(' ') || tag.ends_with(' ');
  if (!scalars || *scalars < 1 || *scalars > kMaxNameScalars || edges ||
      tag.find(',') != std::string_view::npos) {
    return BadParameter(std::string(parameter) +
                        ": a tag has 1 to 64 characters, UTF-8 without control characters or "
                        "commas, no space at either end");
  }
  return Empty{};
}

ApiResult<std::vector<std::string>> ParseTags(std::string_view text) {
  std::vector<std::string> tags;
  for (bool more = !text.empty(); more;) {
    const std::size_t comma = text.find(',');
    more = comma != std::string_view::npos;
    std::string_view tag = text.substr(0, comma);
    text.remove_prefix(more ? comma + 1 : text.size());
    tag.remove_prefix(std::min(tag.find_first_not_of(' '), tag.size()));
    tag = tag.substr(0, tag.find_last_not_of(' ') + 1);
    STRATA_CLOUD_TRY(CheckTag(tag, "Tags"));
    tags.emplace_back(tag);
  }
  std::ranges::sort(tags);
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  if (tags.size() > kMaxTags) {
    return BadParameter("Tags: a device has at most 16; leave some out");
  }
  return tags;
}

ApiOutcome CheckSettingKey(std::string_view key, bool of_device) {
  const std::optional<std::size_t> scalars = CountPlainScalars(key);
  if (!scalars || *scalars < 1 || *scalars > kMaxSettingKeyScalars) {
    return BadParameter(
        "Key: it must have 1 to 100 characters, UTF-8 without control characters; choose another");
  }
  if (key == "." || key == "..") {
    return BadParameter("Key: it must not be . or .., which no path can name; choose another");
  }
  if (of_device && !std::all_of(key.begin(), key.end(), IsAscii)) {
    return BadParameter("Key: a device's keys are printable ASCII; choose another");
  }
  return Empty{};
}

ApiOutcome CheckSettingValue(std::string_view value) {
  std::size_t scalars = 0;
  for (std::string_view rest = value; !rest.empty(); ++scalars) {
    const std::optional<std::uint32_t> scalar = TakeScalar(rest);
    if (!scalar || *scalar == 0) {
      return BadParameter("Value: it must be UTF-8 without NUL; encode binary values as text");
    }
  }
  if (scalars > kMaxSettingValueScalars) {
    return BadParameter("Value: it must have at most 4096 characters; shorten it");
  }
  return Empty{};
}

ApiOutcome CheckIdempotencyKey(std::string_view key) {
  const bool printable =
      std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (key.empty() || key.size() > 64 || !printable) {
    return BadParameter(
        "Idempotency-Key: it must be 1 to 64 printable ASCII characters; send another one");
  }
  return Empty{};
}

std::optional<KeyId> ParseKeyId(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) {
    c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  std::array<std::uint8_t, 8> bytes{};
  if (!FromHex(folded, bytes)) {
    return std::nullopt;
  }
  const auto id = static_cast<KeyId>(LoadBigEndian<std::uint64_t>(bytes));
  return id == KeyId::kNone ? std::nullopt : std::optional<KeyId>(id);
}

std::optional<std::uint32_t> ParseSequence(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number != 0 && text.front() != '0' ? std::optional(number) : std::nullopt;
}

}  // namespace strata::cloud
