// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "strata/format/bundle/create.hpp"

#include "extents.hpp"
#include "try.hpp"

namespace strata::bundle {
namespace {

Failure Malformed(const std::string& why) {
  return {Error{Code::kImageMalformed, Op::kParse, 0}, "the image is malformed: " + why};
}

std::string HexAddress(std::uint64_t address) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) {
    text += kDigits[(address >> shift) & 0xF];
  }
  return text;
}

Outcome CheckExtents(const std::vector<Extent>& sorted, const HardwareProfile& profile) {
  const std::uint64_t base = profile.internal_base_address;
  const std::uint64_t end = base + profile.internal_bytes;
  std::uint64_t free_from = 0;
  for (const Extent& extent : sorted) {
    if (extent.address < base || extent.address >= end) {
      return Malformed("address " + HexAddress(extent.address) + " lies outside the flash of " +
                       std::string(profile.name));
    }
    if (extent.address < free_from) {
      return Malformed("two pieces overlap at address " + HexAddress(extent.address));
    }
    free_from = extent.address + extent.size;
    if (free_from > end) {
      return MakeFailure(Code::kImageTooLarge, Op::kParse);
    }
  }
  return Done{};
}

// An image of pieces begins on an erase unit: what lies before its first byte there is a gap too.
Expected<Image> Assemble(Extents pieces, const HardwareProfile& profile) {
  if (pieces.list.empty()) {
    return MakeFailure(Code::kImageEmpty, Op::kParse);
  }
  std::sort(pieces.list.begin(), pieces.list.end(), [](const Extent& a, const Extent& b) {
    return a.address < b.address;
  });
  BUNDLE_TRY(CheckExtents(pieces.list, profile));
  const std::uint64_t base = profile.internal_base_address;
  const std::uint64_t first = pieces.list.front().address - base;
  const std::uint64_t start = first - first % profile.internal_erase_unit_bytes;
  const Extent& last = pieces.list.back();
  Image image;
  image.start_bytes = static_cast<std::uint32_t>(start);
  image.bytes.assign(static_cast<std::size_t>(last.address + last.size - base - start), 0xFF);
  for (const Extent& extent : pieces.list) {
    std::copy_n(pieces.bytes.begin() + static_cast<std::ptrdiff_t>(extent.offset),
                extent.size,
                image.bytes.begin() + static_cast<std::ptrdiff_t>(extent.address - base - start));
  }
  return image;
}

bool BeginsWith(ByteSpan file, std::string_view magic) {
  return file.size() >= magic.size() && AsText(file.first(magic.size())) == magic;
}

bool LooksLikeHex(ByteSpan file) {
  constexpr std::size_t kShortestRecord = 11;  // ":00000001FF"
  return file.size() >= kShortestRecord && file[0] == ':' &&
         std::all_of(file.begin() + 1, file.begin() + kShortestRecord, [](std::uint8_t c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

Expected<Image> ReadImage(ByteSpan file, const HardwareProfile& profile) {
  if (file.empty()) {
    return MakeFailure(Code::kImageEmpty, Op::kParse);
  }
  if (BeginsWith(file, "\177ELF")) {
    BUNDLE_TRY_ASSIGN(Extents pieces, ReadElf(file));
    return Assemble(std::move(pieces), profile);
  }
  if (LooksLikeHex(file)) {
    BUNDLE_TRY_ASSIGN(Extents pieces, ReadIntelHex(file));
    return Assemble(std::move(pieces), profile);
  }
  // A raw image begins with a stack pointer, and neither of these words is an address in RAM.
  if (BeginsWith(file, "PK\003\004") || BeginsWith(file, "!<arch>\n")) {
    return Malformed("it is an archive");
  }
  if (file.size() > profile.internal_bytes) {
    return MakeFailure(Code::kImageTooLarge, Op::kParse);
  }
  return Image{0, {file.begin(), file.end()}};
}

}  // namespace strata::bundle
