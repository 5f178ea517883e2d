// SPDX-License-Identifier: Apache-2.0
#include "http_request.hpp"

#include <algorithm>
#include <charconv>

namespace strata::conformance {
namespace {

constexpr std::string_view kManifests = "/device/v1/manifests/";
constexpr std::string_view kLayers = "/device/v1/layers/";
constexpr std::string_view kKeys = "/device/v1/keys/";

std::optional<std::uint64_t> ParseCount(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || parsed != end) {
    return std::nullopt;
  }
  return value;
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

/// Takes the front of `text` up to CR LF.
std::optional<std::string_view> TakeLine(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  const bool clean = std::all_of(line.begin(), line.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  });
  return clean ? std::optional(line) : std::nullopt;
}

bool TakeRequestLine(std::string_view line, Request& request) {
  constexpr std::string_view kVersion = " HTTP/1.1";
  if (!line.ends_with(kVersion)) {
    return false;
  }
  line.remove_suffix(kVersion.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space == 0 || line.substr(space + 1).empty() ||
      line.find(' ', space + 1) != std::string_view::npos) {
    return false;
  }
  request.method = line.substr(0, space);
  request.path = line.substr(space + 1);
  return true;
}

std::optional<Digest> DigestBehind(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) ? Digest::FromHexText(path.substr(folder.size())) : std::nullopt;
}

}  // namespace

std::string Request::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::optional<Request> ParseRequestHead(std::string_view head) {
  Request request;
  const auto first = TakeLine(head);
  if (!first || !TakeRequestLine(*first, request)) {
    return std::nullopt;
  }
  while (true) {
    const auto line = TakeLine(head);
    if (!line) {
      return std::nullopt;
    }
    if (line->empty()) {
      break;
    }
    const std::size_t colon = line->find(':');
    if (colon == std::string_view::npos || colon == 0) {
      return std::nullopt;
    }
    const bool added =
        request.headers.emplace(Lower(line->substr(0, colon)), Trimmed(line->substr(colon + 1)))
            .second;
    if (!added) {
      return std::nullopt;
    }
  }
  return head.empty() ? std::optional(std::move(request)) : std::nullopt;
}

std::optional<std::size_t> BodyLength(const Request& request) {
  if (request.headers.contains("transfer-encoding")) {
    return std::nullopt;
  }
  const auto found = request.headers.find("content-length");
  if (found == request.headers.end()) {
    return 0;
  }
  const auto length = ParseCount(found->second);
  return length && *length <= kMaxBodyBytes ? std::optional<std::size_t>(*length) : std::nullopt;
}

std::optional<ByteRange> ParseRange(std::string_view value) {
  constexpr std::string_view kUnit = "bytes=";
  if (!value.starts_with(kUnit)) {
    return std::nullopt;
  }
  value.remove_prefix(kUnit.size());
  const std::size_t dash = value.find('-');
  if (dash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto first = ParseCount(value.substr(0, dash));
  if (!first) {
    return std::nullopt;
  }
  const std::string_view rest = value.substr(dash + 1);
  if (rest.empty()) {
    return ByteRange{*first, std::nullopt};
  }
  const auto last = ParseCount(rest);
  return last && *first <= *last ? std::optional(ByteRange{*first, last}) : std::nullopt;
}

std::optional<Piece> PieceOf(const Request& request, std::uint64_t size) {
  const ByteRange range = ParseRange(request.Header("range")).value_or(ByteRange{});
  if (range.first >= size) {
    return std::nullopt;
  }
  return Piece{range.first, std::min(range.last.value_or(size - 1), size - 1)};
}

Destination DestinationOf(const Request& request) {
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (get && request.path == "/device/v1/desired") {
    return {Route::kDesired, {}};
  }
  if (post && request.path == "/device/v1/reports") {
    return {Route::kReport, {}};
  }
  if (post && request.path == "/device/v1/receipts") {
    return {Route::kReceipt, {}};
  }
  if (post && request.path == "/device/v1/certificate") {
    return {Route::kCertificate, {}};
  }
  if (get && request.path.starts_with(kKeys) &&
      ParseCount(std::string_view(request.path).substr(kKeys.size()))) {
    return {Route::kKeys, {}};
  }
  if (const auto hash = DigestBehind(request.path, kManifests); get && hash) {
    return {Route::kManifest, *hash};
  }
  if (const auto hash = DigestBehind(request.path, kLayers); get && hash) {
    return {Route::kLayer, *hash};
  }
  return {};
}

}  // namespace strata::conformance
