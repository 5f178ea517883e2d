// SPDX-License-Identifier: Apache-2.0
/// Small text tools of the CLI: numbers on the command line, sizes for people, safe printing.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "strata/core/bytes.hpp"

#include "support/outcome.hpp"

namespace strata::cli {

/// `text` cut at each `separator`; empty pieces are kept.
std::vector<std::string> Split(std::string_view text, char separator);

/// The pieces with `separator` between them.
std::string Join(const std::vector<std::string>& pieces, char separator);

/// Without blanks, tabs and line ends on both sides.
std::string_view Trim(std::string_view text);

/// Control characters (C0, DEL, C1 in UTF-8) become '?', so that text from elsewhere can't drive a
/// terminal.
std::string Printable(std::string_view text);

/// A cell of a line with tabs between cells, from which the text can be had back: backslash, tab
/// and line ends become \\, \t, \n and \r, other control characters \xHH.
std::string TsvCell(std::string_view text);

/// Decimal or 0x… hexadecimal. * kInvalidArgument: not a number; names `what`. * kOutOfRange:
/// beyond 32 bits.
Expected<std::uint32_t> ParseNumber(std::string_view text, std::string_view what);

/// Like ParseNumber, with an optional suffix K (1024) or M (1048576), in either case.
Expected<std::uint32_t> ParseSize(std::string_view text, std::string_view what);

/// A whole number with s, m, h or d: "90m". * kInvalidArgument: another form; names `what`.
/// * kOutOfRange: beyond 100 years.
Expected<std::chrono::seconds> ParseDuration(std::string_view text, std::string_view what);

/// "2026-01-31T12:34:56Z", as the cloud writes dates; UTC, fractions left out.
std::string DateText(std::chrono::system_clock::time_point time);

/// `text` when it is empty or ends with Z, which makes it a date for the cloud to judge; else the
/// date so long before `now`: "24h". * as ParseDuration.
Expected<std::string> PastDate(const std::string& text,
                               std::string_view what,
                               std::chrono::system_clock::time_point now);

/// "512 bytes", "64.0 KiB", "1.5 MiB", "10.0 GiB".
std::string HumanBytes(std::uint64_t bytes);

/// "0x" and lowercase hexadecimal digits, at least `digits` of them.
std::string HexNumber(std::uint64_t value, int digits = 1);

/// Lowercase hexadecimal text of bytes.
std::string HexText(ByteSpan bytes);

/// Number of Unicode scalars in UTF-8 `text`: its width in a table.
std::size_t DisplayWidth(std::string_view text);

/// Everything but RFC 3986 unreserved characters as %XX: one path segment or query value.
std::string PercentEncode(std::string_view text);

}  // namespace strata::cli
