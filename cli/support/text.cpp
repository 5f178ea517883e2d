// SPDX-License-Identifier: Apache-2.0
#include "support/text.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>

#include "strata/core/hex.hpp"

namespace strata::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

Expected<std::uint32_t> Narrow(std::uint64_t value, std::string_view text, std::string_view what) {
  if (value > std::numeric_limits<std::uint32_t>::max()) {
    return Local(Code::kOutOfRange,
                 std::string(what) + ": " + std::string(text) + " is larger than 32 bits hold");
  }
  return static_cast<std::uint32_t>(value);
}

Expected<std::uint64_t> ParseWide(std::string_view text, std::string_view what) {
  std::string_view digits = text;
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    digits.remove_prefix(2);
    base = 16;
  }
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (error == std::errc::result_out_of_range) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  if (digits.empty() || error != std::errc() || stop != end) {
    return Local(Code::kInvalidArgument,
                 std::string(what) + ": '" + std::string(text) + "' is not a number");
  }
  return value;
}

}  // namespace

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  for (;;) {
    const std::size_t at = text.find(separator);
    pieces.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) {
      return pieces;
    }
    text.remove_prefix(at + 1);
  }
}

std::string Join(const std::vector<std::string>& pieces, char separator) {
  std::string text;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    text += (i == 0 ? "" : std::string(1, separator)) + pieces[i];
  }
  return text;
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string Printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool c1 = c == 0xC2 && i + 1 < text.size() &&
                    static_cast<unsigned char>(text[i + 1]) >= 0x80 &&
                    static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c < 0x20 || c == 0x7F || c1) {
      out.push_back('?');
      i += c1 ? 1 : 0;
      continue;
    }
    out.push_back(text[i]);
  }
  return out;
}

std::string TsvCell(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    const auto before = static_cast<unsigned char>(i == 0 ? 0 : text[i - 1]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    const bool c1 = (byte == 0xC2 && next >= 0x80 && next < 0xA0) ||
                    (before == 0xC2 && byte >= 0x80 && byte < 0xA0);
    constexpr std::string_view kNamed = "\\\t\n\r";
    constexpr std::string_view kNames = "\\tnr";
    if (const std::size_t at = kNamed.find(c); at != std::string_view::npos) {
      out += {'\\', kNames[at]};
    } else if (byte < 0x20 || byte == 0x7F || c1) {
      out += {'\\', 'x', kHex[byte >> 4U], kHex[byte & 0xFU]};
    } else {
      out.push_back(c);
    }
  }
  return out;
}

Expected<std::uint32_t> ParseNumber(std::string_view text, std::string_view what) {
  STRATA_TRY_ASSIGN(const std::uint64_t value, ParseWide(text, what));
  return Narrow(value, text, what);
}

Expected<std::uint32_t> ParseSize(std::string_view text, std::string_view what) {
  std::string_view digits = text;
  std::uint64_t unit = 1;
  if (digits.ends_with('K') || digits.ends_with('k')) {
    unit = 1024;
  } else if (digits.ends_with('M') || digits.ends_with('m')) {
    unit = 1024 * 1024;
  }
  if (unit > 1) {
    digits.remove_suffix(1);
  }
  STRATA_TRY_ASSIGN(const std::uint64_t count, ParseWide(digits, what));
  if (count > std::numeric_limits<std::uint32_t>::max()) {
    return Narrow(count, text, what);
  }
  return Narrow(count * unit, text, what);
}

Expected<std::chrono::seconds> ParseDuration(std::string_view text, std::string_view what) {
  constexpr std::string_view kUnits = "smhd";
  constexpr std::array kSeconds = {1, 60, 3600, 86'400};
  constexpr std::int64_t kMostSeconds = 36'525LL * 86'400;
  const std::size_t unit = text.empty() ? std::string_view::npos : kUnits.find(text.back());
  const std::string_view digits = text.substr(0, text.empty() ? 0 : text.size() - 1);
  const bool plain = unit != std::string_view::npos && !digits.empty() &&
                     digits.find_first_not_of("0123456789") == std::string_view::npos;
  if (!plain) {
    return Local(Code::kInvalidArgument,
                 std::string(what) + ": '" + std::string(text) + "' is no length of time",
                 "give a whole number with s, m, h or d, such as 24h");
  }
  std::int64_t number = 0;
  const auto end = digits.data() + digits.size();
  const bool fits = std::from_chars(digits.data(), end, number).ec == std::errc();
  if (!fits || number > kMostSeconds / kSeconds[unit]) {
    return Local(Code::kOutOfRange, std::string(what) + ": is more than 100 years");
  }
  return std::chrono::seconds(number * kSeconds[unit]);
}

std::string DateText(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(),
                text.size(),
                "%04d-%02u-%02uT%02ld:%02ld:%02ldZ",
                static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()),
                static_cast<long>(clock.hours().count()),
                static_cast<long>(clock.minutes().count()),
                static_cast<long>(clock.seconds().count()));
  return text.data();
}

Expected<std::string> PastDate(const std::string& text,
                               std::string_view what,
                               std::chrono::system_clock::time_point now) {
  if (text.empty() || text.ends_with('Z')) {
    return text;
  }
  STRATA_TRY_ASSIGN(const std::chrono::seconds ago, ParseDuration(text, what));
  return DateText(now - ago);
}

std::string HumanBytes(std::uint64_t bytes) {
  if (bytes < 1024) {
    return std::to_string(bytes) + " bytes";
  }
  constexpr std::array kUnits = {"KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  double number = static_cast<double>(bytes) / 1024.0;
  while (number >= 1024.0 && unit + 1 < kUnits.size()) {
    number /= 1024.0;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", number, kUnits[unit]);
  return text.data();
}

std::string HexNumber(std::uint64_t value, int digits) {
  std::array<char, 32> text{};
  std::snprintf(
      text.data(), text.size(), "0x%0*llx", digits, static_cast<unsigned long long>(value));
  return text.data();
}

std::string HexText(ByteSpan bytes) {
  std::string text(2 * bytes.size(), '0');
  ToHex(bytes, text);
  return text;
}

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) {
    const bool continuation = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    width += continuation ? 0 : 1;
  }
  return width;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool plain =
        letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
      continue;
    }
    out.push_back('%');
    out.push_back(kHex[byte >> 4U]);
    out.push_back(kHex[byte & 0xFU]);
  }
  return out;
}

}  // namespace strata::cli
