// SPDX-License-Identifier: Apache-2.0
/// The parts of an HTTP answer that a device believes only after a check. Pure; input may be an
/// attacker's. Reference: RFC 9110 §14.4 (Content-Range), §8.8.3 (ETag); docs/spec/wire.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strata::device {

/// "bytes first-last/complete".
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t complete = 0;
};

/// nullopt for any other form, an unknown length ("*") included, and unless first <= last <
/// complete.
[[nodiscard]] std::optional<ContentRange> ParseContentRange(std::string_view value);

/// What was asked of a layer: `count` bytes from `offset`; `total` is its size, 0 when unknown.
struct RangeRequest {
  std::uint32_t offset = 0;
  std::uint32_t count = 0;
  std::uint32_t total = 0;
};

/// Whether the answer is exactly what was asked, cut only at the layer's end.
[[nodiscard]] bool Answers(const ContentRange& range, const RangeRequest& request);

/// An entity tag that may be sent back: `"…"` or `W/"…"`, at most 128 printable characters; else
/// empty.
[[nodiscard]] std::string UsableEtag(std::string_view value);

/// The value of header `name` (lowercase) if `line` is that header, without white space around it.
[[nodiscard]] std::optional<std::string_view> HeaderValue(std::string_view line,
                                                          std::string_view name);

}  // namespace strata::device
