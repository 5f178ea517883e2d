// SPDX-License-Identifier: Apache-2.0
#include "pages.hpp"

#include <array>
#include <vector>

#include "strata/core/secure.hpp"

#include "hmac.hpp"

namespace strata::cloud {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kPayloadBytes = 1 + 1 + 8 + 8;
constexpr std::size_t kTokenBytes = kPayloadBytes + Digest::kBytes;
constexpr std::size_t kTokenChars = (kTokenBytes * 8 + 5) / 6;
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string ToBase64Url(ByteSpan bytes) {
  std::string out;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    pending = (pending << 8U) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out += kAlphabet[(pending >> bits) & 63U];
    }
  }
  if (bits > 0) {
    out += kAlphabet[(pending << (6 - bits)) & 63U];
  }
  return out;
}

/// Only the one canonical spelling of exactly kTokenBytes.
std::optional<std::array<std::uint8_t, kTokenBytes>> FromBase64Url(std::string_view text) {
  if (text.size() != kTokenChars) {
    return std::nullopt;
  }
  std::array<std::uint8_t, kTokenBytes> out{};
  std::size_t length = 0;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) {
      return std::nullopt;
    }
    pending = (pending << 6U) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[length++] = static_cast<std::uint8_t>(pending >> bits);
    }
  }
  const bool canonical = (pending & ((1U << bits) - 1U)) == 0;
  return canonical ? std::optional(out) : std::nullopt;
}

}  // namespace

Digest PageTokens::MacOf(ByteSpan payload) const {
  constexpr std::string_view kPrefix("strata-page-v1\0", 15);
  std::vector<std::uint8_t> message(kPrefix.begin(), kPrefix.end());
  message.push_back(static_cast<std::uint8_t>(list_));
  const ByteSpan account = AsBytes(account_.text());
  message.insert(message.end(), account.begin(), account.end());
  message.insert(message.end(), narrowed_.begin(), narrowed_.end());
  message.insert(message.end(), payload.begin(), payload.end());
  return HmacSha256(key_, message);
}

std::string PageTokens::Seal(const Cursor& cursor) const {
  std::array<std::uint8_t, kTokenBytes> token{};
  const auto date = BigEndian(static_cast<std::uint64_t>(cursor.position.date));
  const auto sequence = BigEndian(static_cast<std::uint64_t>(cursor.position.sequence));
  token[0] = kVersion;
  token[1] = cursor.newer ? 1 : 0;
  std::copy(date.begin(), date.end(), token.begin() + 2);
  std::copy(sequence.begin(), sequence.end(), token.begin() + 10);
  const Digest mac = MacOf(ByteSpan(token).first(kPayloadBytes));
  std::copy(mac.bytes.begin(), mac.bytes.end(), token.begin() + kPayloadBytes);
  return ToBase64Url(token);
}

std::optional<Cursor> PageTokens::Open(std::string_view text) const {
  const auto token = FromBase64Url(text);
  if (!token) {
    return std::nullopt;
  }
  const ByteSpan bytes(*token);
  const ByteSpan payload = bytes.first(kPayloadBytes);
  if (!ConstantTimeEqual(MacOf(payload).bytes, bytes.subspan(kPayloadBytes))) {
    return std::nullopt;
  }
  if (payload[0] != kVersion || payload[1] > 1) {
    return std::nullopt;
  }
  const auto date = LoadBigEndian<std::uint64_t>(payload.subspan(2));
  const auto sequence = LoadBigEndian<std::uint64_t>(payload.subspan(10));
  return Cursor{{static_cast<UnixSeconds>(date), static_cast<std::int64_t>(sequence)},
                payload[1] == 1};
}

ApiResult<std::optional<Cursor>> StartOf(const PageTokens& tokens, const PageRequest& request) {
  if (request.page_size < 1 || request.page_size > kMaxPageSize) {
    return BadParameter("PageSize: it must be 1 to 1000");
  }
  if (!request.page_token) {
    if (request.page > 0) {
      return BadPage();
    }
    return std::optional<Cursor>();
  }
  std::optional<Cursor> cursor = tokens.Open(*request.page_token);
  if (!cursor) {
    return BadPage();
  }
  return cursor;
}

}  // namespace strata::cloud
