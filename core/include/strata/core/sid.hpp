// SPDX-License-Identifier: Apache-2.0
/// Sid: two capital letters and 32 hexadecimal digits, as the original's REST API names things.
/// A Sid can't hold anything else, so it is safe in a path, a log line or an SQL parameter.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "strata/core/bytes.hpp"

namespace strata {

enum class SidKind : std::uint16_t { kAccount, kApp, kDevice, kApiKey, kWebhook, kEnrolmentToken };

/// "AC", "KA", "UV", "SK", "WH" or "ET".
constexpr std::string_view SidPrefix(SidKind kind) {
  switch (kind) {
    case SidKind::kAccount:
      return "AC";
    case SidKind::kApp:
      return "KA";
    case SidKind::kDevice:
      return "UV";
    case SidKind::kApiKey:
      return "SK";
    case SidKind::kWebhook:
      return "WH";
    case SidKind::kEnrolmentToken:
      return "ET";
  }
  return "";
}

template <SidKind kKind>
class Sid {
 public:
  static constexpr std::size_t kChars = 34;

  /// Accepts capital digits as the original's pattern does and folds them to lowercase.
  static std::optional<Sid> Parse(std::string_view text) {
    const std::string_view prefix = SidPrefix(kKind);
    if (text.size() != kChars || text[0] != prefix[0] || text[1] != prefix[1]) {
      return std::nullopt;
    }
    Sid sid;
    for (std::size_t i = 0; i < kChars; ++i) {
      const char c = text[i];
      const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      const bool capital = c >= 'A' && c <= 'F';
      if (i >= 2 && !digit && !capital) {
        return std::nullopt;
      }
      sid.text_[i] = i >= 2 && capital ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return sid;
  }

  /// From 16 random (or derived) bytes.
  static Sid FromBytes(std::span<const std::uint8_t, 16> bytes);

  [[nodiscard]] std::string_view text() const { return {text_.data(), text_.size()}; }

  friend bool operator==(const Sid&, const Sid&) = default;
  friend auto operator<=>(const Sid&, const Sid&) = default;

 private:
  Sid() = default;
  std::array<char, kChars> text_{};
};

using AccountSid = Sid<SidKind::kAccount>;
using AppSid = Sid<SidKind::kApp>;
using DeviceSid = Sid<SidKind::kDevice>;
using ApiKeySid = Sid<SidKind::kApiKey>;
using WebhookSid = Sid<SidKind::kWebhook>;
using EnrolmentTokenSid = Sid<SidKind::kEnrolmentToken>;

}  // namespace strata

#include "strata/core/hex.hpp"

namespace strata {

template <SidKind kKind>
Sid<kKind> Sid<kKind>::FromBytes(std::span<const std::uint8_t, 16> bytes) {
  Sid sid;
  sid.text_[0] = SidPrefix(kKind)[0];
  sid.text_[1] = SidPrefix(kKind)[1];
  ToHex(bytes, std::span(sid.text_).template subspan<2>());
  return sid;
}

}  // namespace strata
