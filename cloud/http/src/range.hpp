// SPDX-License-Identifier: Apache-2.0
/// Single byte ranges (RFC 9110 §14.2) and the wait preference (RFC 7240). Input is
/// attacker-controlled.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace strata::cloud::http {

enum class RangeKind : std::uint8_t {
  kWhole,          ///< no usable range: answer 200 with everything
  kPart,           ///< answer 206
  kUnsatisfiable,  ///< answer 416
};

struct ByteRange {
  RangeKind kind = RangeKind::kWhole;
  std::uint64_t offset_bytes = 0;
  std::uint64_t length_bytes = 0;
};

/// `value` of the Range header against a body of `size_bytes`. Takes `bytes=a-b` and `bytes=a-`;
/// other units, several ranges and suffix ranges are ignored, as RFC 9110 allows; a > b is ignored
/// too (it is not a valid range).
ByteRange ParseRange(std::string_view value, std::uint64_t size_bytes);

inline constexpr std::uint32_t kDefaultWaitSeconds = 50;
inline constexpr std::uint32_t kMaxWaitSeconds = 300;

/// Seconds of `wait` or `wait=N` among the preferences, at most kMaxWaitSeconds; nothing when it is
/// not there or N is no number.
std::optional<std::uint32_t> ParseWait(std::string_view prefer);

/// Decimal digits only, no sign, no overflow.
std::optional<std::uint64_t> ParseNumber(std::string_view text);

}  // namespace strata::cloud::http
