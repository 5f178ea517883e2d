// SPDX-License-Identifier: Apache-2.0
#include "support/placement.hpp"

#include <limits>

#include "support/text.hpp"

namespace strata::cli {
namespace {

Problem BadLayer(std::string_view text) {
  return Local(Code::kInvalidArgument,
               "--layer: '" + std::string(text) + "' is not FILE@MEDIUM:START[+SIZE]",
               "write for example --layer fonts.bin@external:0x10000");
}

}  // namespace

Expected<Span> ParseSpan(std::string_view text, std::string_view option) {
  const std::size_t plus = text.find('+');
  Span span;
  STRATA_TRY_ASSIGN(span.start_bytes, ParseSize(text.substr(0, plus), option));
  if (plus == std::string_view::npos) {
    return span;
  }
  STRATA_TRY_ASSIGN(span.size_bytes, ParseSize(text.substr(plus + 1), option));
  if (span.size_bytes == 0) {
    return Local(Code::kInvalidArgument, std::string(option) + ": a size of 0 holds nothing");
  }
  if (span.size_bytes > std::numeric_limits<std::uint32_t>::max() - span.start_bytes) {
    return Local(Code::kOutOfRange, std::string(option) + ": start and size go beyond 32 bits");
  }
  return span;
}

Expected<LayerArgument> ParseLayerArgument(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0) {
    return BadLayer(text);
  }
  const std::string_view where = text.substr(at + 1);
  const std::size_t colon = where.find(':');
  if (colon == std::string_view::npos) {
    return BadLayer(text);
  }
  LayerArgument layer;
  layer.file = std::string(text.substr(0, at));
  const std::string_view medium = where.substr(0, colon);
  if (medium != "internal" && medium != "external") {
    return BadLayer(text);
  }
  layer.placement.medium = medium == "internal" ? Medium::kInternal : Medium::kExternal;
  STRATA_TRY_ASSIGN(const Span span, ParseSpan(where.substr(colon + 1), "--layer"));
  layer.placement.start_bytes = span.start_bytes;
  layer.placement.size_bytes = span.size_bytes;
  return layer;
}

}  // namespace strata::cli
