// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "extents.hpp"
#include "try.hpp"
#include "zip_format.hpp"

namespace strata::bundle {
namespace {

constexpr std::size_t kHeaderBytes = 52;
constexpr std::size_t kProgramHeaderBytes = 32;
constexpr std::uint16_t kTypeExecutable = 2;
constexpr std::uint16_t kMachineArm = 40;
constexpr std::uint32_t kSegmentLoad = 1;
constexpr std::uint16_t kManySegments = 0xFFFF;

struct Header {
  std::uint32_t segments_offset = 0;
  std::uint16_t segments = 0;
};

Failure Malformed(const std::string& why) {
  return {Error{Code::kImageMalformed, Op::kParse, 0}, "the ELF file is malformed: " + why};
}

Expected<Header> ReadHeader(ByteSpan file) {
  if (file.size() < kHeaderBytes) {
    return Malformed("it is cut short");
  }
  constexpr std::size_t kIdentBytes = 16;
  const bool little_32 = file[4] == 1 && file[5] == 1 && file[6] == 1;
  FieldReader fields(file.subspan(kIdentBytes));
  const std::uint16_t type = fields.U16();
  const std::uint16_t machine = fields.U16();
  if (!little_32 || type != kTypeExecutable || machine != kMachineArm) {
    return Malformed("it is not an executable for a 32-bit little-endian ARM");
  }
  fields.U32();  // version
  fields.U32();  // entry
  Header header;
  header.segments_offset = fields.U32();
  fields.U32();  // section headers
  fields.U32();  // flags
  fields.U16();  // size of this header
  const std::uint16_t segment_header_bytes = fields.U16();
  header.segments = fields.U16();
  if (header.segments == 0 || header.segments == kManySegments ||
      segment_header_bytes != kProgramHeaderBytes) {
    return Malformed("it has no usable program headers");
  }
  const std::uint64_t end =
      std::uint64_t{header.segments_offset} + header.segments * kProgramHeaderBytes;
  if (end > file.size()) {
    return Malformed("it is cut short");
  }
  return header;
}

}  // namespace

Expected<Extents> ReadElf(ByteSpan file) {
  BUNDLE_TRY_ASSIGN(const Header header, ReadHeader(file));
  Extents out;
  out.bytes = file;
  for (std::size_t i = 0; i < header.segments; ++i) {
    FieldReader fields(file.subspan(header.segments_offset + i * kProgramHeaderBytes));
    const std::uint32_t type = fields.U32();
    const std::uint32_t offset = fields.U32();
    fields.U32();  // virtual address
    const std::uint32_t physical_address = fields.U32();
    const std::uint32_t file_bytes = fields.U32();
    const std::uint32_t memory_bytes = fields.U32();
    if (type != kSegmentLoad || file_bytes == 0) {
      continue;
    }
    if (std::uint64_t{offset} + file_bytes > file.size() || file_bytes > memory_bytes) {
      return Malformed("a segment is cut short");
    }
    out.list.push_back({physical_address, offset, file_bytes});
  }
  return out;
}

}  // namespace strata::bundle
