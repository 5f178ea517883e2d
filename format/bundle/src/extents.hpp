// SPDX-License-Identifier: Apache-2.0
/// Pieces of an image at CPU addresses, as ELF and Intel HEX files hold them. Role: file format in,
/// pieces out; what is inside the flash and what overlaps is image.cpp's question. Security: the
/// file is not trusted.
#pragma once

#include <cstdint>
#include <vector>

#include "strata/core/bytes.hpp"
#include "strata/format/bundle/expected.hpp"

namespace strata::bundle {

struct Extent {
  std::uint64_t address = 0;
  std::size_t offset = 0;  ///< in Extents::bytes
  std::size_t size = 0;    ///< at least 1
};

/// Movable only: `bytes` may lie in `decoded`.
struct Extents {
  Extents() = default;
  Extents(Extents&&) noexcept = default;
  Extents& operator=(Extents&&) noexcept = default;

  ByteSpan bytes;  ///< of the file, or of `decoded`
  std::vector<std::uint8_t> decoded;
  std::vector<Extent> list;  ///< in the file's order
};

/// The loadable segments (PT_LOAD, file size > 0) of a 32-bit little-endian ARM executable, at
/// their physical addresses. Source: System V ABI gABI 4.1, chapters 4 and 5. * kImageMalformed.
Expected<Extents> ReadElf(ByteSpan file);

/// Record types 00–05 with checksums; adjoining records are joined. Source: Intel, Hexadecimal
/// Object File Format Specification, revision A, 1988. * kImageMalformed.
Expected<Extents> ReadIntelHex(ByteSpan file);

}  // namespace strata::bundle
