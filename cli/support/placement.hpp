// SPDX-License-Identifier: Apache-2.0
/// Placements as they stand on the command line. Role: text → numbers; format/bundle checks them
/// against hardware.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "strata/core/hardware.hpp"

#include "support/outcome.hpp"

namespace strata::cli {

/// START[+SIZE]: offsets in bytes inside the medium.
struct Span {
  std::uint32_t start_bytes = 0;
  std::uint32_t size_bytes = 0;  ///< 0: not given

  friend bool operator==(const Span&, const Span&) = default;
};

/// FILE@MEDIUM:START[+SIZE].
struct LayerArgument {
  std::string file;
  Placement placement;

  friend bool operator==(const LayerArgument&, const LayerArgument&) = default;
};

/// * kInvalidArgument: another form, or a size of 0. * kOutOfRange: beyond 32 bits, also start +
/// size.
Expected<Span> ParseSpan(std::string_view text, std::string_view option);

/// Splits at the last '@', so a file name may hold one. MEDIUM is `internal` or `external`. Errors
/// as ParseSpan.
Expected<LayerArgument> ParseLayerArgument(std::string_view text);

}  // namespace strata::cli
