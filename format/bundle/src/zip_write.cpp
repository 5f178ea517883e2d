// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <memory>

#include <libdeflate.h>

#include "c_ptr.hpp"
#include "zip.hpp"
#include "zip_format.hpp"

namespace strata::bundle {
namespace {

constexpr int kDeflateLevel = 6;
constexpr std::uint16_t kMadeBy = kVersionNeeded;

using CompressorPtr = CPtr<libdeflate_compressor, libdeflate_free_compressor>;

// The fields that a local and a central header share, from "version needed" on.
void WriteCommon(FieldWriter& fields, const PackedEntry& entry) {
  fields.U16(kVersionNeeded);
  fields.U16(0);  // flags
  fields.U16(static_cast<std::uint16_t>(entry.method));
  fields.U16(kDosTime);
  fields.U16(kDosDate);
  fields.U32(entry.crc32);
  fields.U32(static_cast<std::uint32_t>(entry.data.size()));
  fields.U32(entry.uncompressed_bytes);
  fields.U16(static_cast<std::uint16_t>(entry.name.size()));
  fields.U16(0);  // extra
}

void WriteCentral(FieldWriter& fields, const PackedEntry& entry, std::uint32_t header_offset) {
  fields.U32(kCentralSignature);
  fields.U16(kMadeBy);
  WriteCommon(fields, entry);
  fields.U16(0);  // comment
  fields.U16(0);  // disk
  fields.U16(0);  // internal attributes
  fields.U32(0);  // external attributes
  fields.U32(header_offset);
  fields.Bytes(AsBytes(entry.name));
}

std::uint64_t FileBytes(const std::vector<PackedEntry>& entries) {
  std::uint64_t total = kEndRecordBytes;
  for (const PackedEntry& entry : entries) {
    total += kLocalHeaderBytes + kCentralHeaderBytes + 2 * entry.name.size() + entry.data.size();
  }
  return total;
}

}  // namespace

Expected<PackedEntry> PackEntry(std::string name, ByteSpan bytes) {
  const CompressorPtr compressor(libdeflate_alloc_compressor(kDeflateLevel));
  if (compressor == nullptr || bytes.size() > kMaxBundleBytes) {
    return MakeFailure(compressor == nullptr ? Code::kInternal : Code::kBundleTooLarge, Op::kNone);
  }
  PackedEntry entry;
  entry.data.resize(libdeflate_deflate_compress_bound(compressor.get(), bytes.size()));
  const std::size_t packed = libdeflate_deflate_compress(
      compressor.get(), bytes.data(), bytes.size(), entry.data.data(), entry.data.size());
  if (packed == 0) {
    return MakeFailure(Code::kInternal, Op::kNone);
  }
  entry.data.resize(packed);
  entry.name = std::move(name);
  entry.crc32 = libdeflate_crc32(0, bytes.data(), bytes.size());
  entry.uncompressed_bytes = static_cast<std::uint32_t>(bytes.size());
  return entry;
}

Expected<std::vector<std::uint8_t>> WriteZip(const std::vector<PackedEntry>& entries) {
  const std::uint64_t total = FileBytes(entries);
  if (total > kMaxBundleBytes) {
    return MakeFailure(Code::kBundleTooLarge,
                       Op::kNone,
                       {},
                       static_cast<std::uint32_t>(std::min<std::uint64_t>(
                           total, std::numeric_limits<std::uint32_t>::max())));
  }
  std::vector<std::uint8_t> out;
  out.reserve(static_cast<std::size_t>(total));
  FieldWriter fields(out);
  std::vector<std::uint8_t> directory;
  FieldWriter directory_fields(directory);
  for (const PackedEntry& entry : entries) {
    WriteCentral(directory_fields, entry, static_cast<std::uint32_t>(out.size()));
    fields.U32(kLocalSignature);
    WriteCommon(fields, entry);
    fields.Bytes(AsBytes(entry.name));
    fields.Bytes(entry.data);
  }
  const auto directory_offset = static_cast<std::uint32_t>(out.size());
  fields.Bytes(directory);
  fields.U32(kEndSignature);
  fields.U16(0);  // this disk
  fields.U16(0);  // disk of the directory
  fields.U16(static_cast<std::uint16_t>(entries.size()));
  fields.U16(static_cast<std::uint16_t>(entries.size()));
  fields.U32(static_cast<std::uint32_t>(directory.size()));
  fields.U32(directory_offset);
  fields.U16(0);  // comment
  return out;
}

}  // namespace strata::bundle
