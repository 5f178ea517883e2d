// SPDX-License-Identifier: Apache-2.0
/// Names that people choose. Security: the input is an attacker's. Reference: docs/spec/rest.md
/// "General".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/core/keys.hpp"

namespace strata::cloud {

inline constexpr std::size_t kMaxNameScalars = 64;
inline constexpr std::size_t kMaxTags = 16;
inline constexpr std::size_t kMaxSettingKeyScalars = 100;
inline constexpr std::size_t kMaxSettingValueScalars = 4096;

/// Unicode scalars in `text`; nullopt when it is not well-formed UTF-8 or holds a control character
/// (C0, DEL, C1).
std::optional<std::size_t> CountPlainScalars(std::string_view text);

/// `text` with '.' for each byte that is not UTF-8 and each control character but the tab, which
/// becomes a space.
std::string PlainText(std::string_view text);

/// Two capital letters and 32 hexadecimal digits of either case: a SID of whatever kind.
bool HasSidShape(std::string_view text);

/// * 400/20001: naming UniqueName and the rule it breaks.
ApiOutcome CheckUniqueName(std::string_view name);

/// May be empty. * 400/20001: naming FriendlyName.
ApiOutcome CheckFriendlyName(std::string_view name);

/// * 400/20001: not 1–64 printable ASCII characters.
ApiOutcome CheckIdempotencyKey(std::string_view key);

/// The first text behind all that begin with `prefix`, ordered by Unicode scalars; nullopt: there
/// is none, or `prefix` is not UTF-8.
std::optional<std::string> TextBehind(std::string_view prefix);

/// One tag of a device. * 400/20001: naming `parameter`.
ApiOutcome CheckTag(std::string_view tag, std::string_view parameter);

/// "a,b" as sorted tags, none twice; spaces round a comma are dropped. Empty text: none.
/// * 400/20001: one is not allowed, or there are more than 16.
ApiResult<std::vector<std::string>> ParseTags(std::string_view text);

/// Key of a config or secret. * 400/20001: naming Key and the rule it breaks.
ApiOutcome CheckSettingKey(std::string_view key, bool of_device);

/// Its value; may be empty. * 400/20001: naming Value, never its text.
ApiOutcome CheckSettingValue(std::string_view value);

/// 1 … 4294967295 in decimal, without sign or leading zeros.
std::optional<std::uint32_t> ParseSequence(std::string_view text);

/// 16 hexadecimal digits of either case; nullopt otherwise and for the id 0.
std::optional<KeyId> ParseKeyId(std::string_view text);

}  // namespace strata::cloud
