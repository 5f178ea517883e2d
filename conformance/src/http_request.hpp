// SPDX-License-Identifier: Apache-2.0
/// A device's HTTP request as text ↔ values. Pure. Security: the input is the device's under test
/// and may be anything. Reference: RFC 9112 §3, §5; RFC 9110 §14.2; docs/spec/wire.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "strata/core/digest.hpp"

namespace strata::conformance {

inline constexpr std::size_t kMaxHeadBytes = 16 * 1024;
/// Far above the 2048 of docs/spec/wire.md, so that a device which exceeds it can be told so.
inline constexpr std::size_t kMaxBodyBytes = 64 * 1024;

/// `last` absent: to the end.
struct ByteRange {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> last;

  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

struct Request {
  std::string method;
  std::string path;
  std::map<std::string, std::string> headers;  ///< names in lowercase
  std::string body;

  /// Empty when there is none.
  [[nodiscard]] std::string Header(const std::string& name) const;
};

/// From the request line to the blank line. nullopt: not HTTP/1.1, a header without a colon, a
/// header twice, control characters.
[[nodiscard]] std::optional<Request> ParseRequestHead(std::string_view head);

/// The announced length of the body, 0 without one. nullopt: not a number, above kMaxBodyBytes, or
/// another transfer coding.
[[nodiscard]] std::optional<std::size_t> BodyLength(const Request& request);

/// "bytes=a-b" or "bytes=a-", a ≤ b; nullopt for every other form.
[[nodiscard]] std::optional<ByteRange> ParseRange(std::string_view value);

/// A piece of content that is not empty: bytes first … last.
struct Piece {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  [[nodiscard]] std::uint64_t size() const { return last - first + 1; }
};

/// What a request asks of `size` bytes: its range, cut at the end, or all. nullopt: nothing of
/// them.
[[nodiscard]] std::optional<Piece> PieceOf(const Request& request, std::uint64_t size);

enum class Route : std::uint8_t {
  kDesired,
  kManifest,
  kLayer,
  kReport,
  kReceipt,
  kKeys,
  kCertificate,
  kUnknown
};

struct Destination {
  Route route = Route::kUnknown;
  Digest hash{};  ///< of a manifest or layer
};

/// Which of the device API's requests it is, method included.
[[nodiscard]] Destination DestinationOf(const Request& request);

}  // namespace strata::conformance
