// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "strata/core/digest.hpp"

#include "try.hpp"
#include "zip.hpp"
#include "zip_format.hpp"

namespace strata::bundle {
namespace {

// Bits 1–2 say how hard the compressor tried, bit 11 that names are UTF-8; all else changes what
// the data means.
constexpr std::uint16_t kHarmlessFlags = 0x0806;
constexpr std::uint16_t kZip64Extra = 0x0001;
constexpr std::uint16_t kUnicodePathExtra = 0x7075;
constexpr std::uint16_t kAesExtra = 0x9901;
constexpr std::uint32_t kZip64Mark = 0xFFFFFFFF;

// What the directory can take at most: a name is at most 64 bytes, and extra fields are small.
constexpr std::size_t kMaxExtraBytes = 256;
constexpr std::size_t kMaxDirectoryBytes =
    kMaxZipEntries * (kCentralHeaderBytes + Digest::kHexChars + kMaxExtraBytes);

Failure Malformed(const std::string& why) {
  return {Error{Code::kZipMalformed, Op::kParse, 0}, "not a well-formed bundle zip: " + why};
}

// The name is an attacker's: only what is printable is repeated.
Failure Unexpected(std::string_view name) {
  std::string shown(name.substr(0, 80));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return {Error{Code::kZipEntryUnexpected, Op::kParse, 0},
          "the zip holds an entry that does not belong to the bundle: " + shown};
}

struct EndRecord {
  std::uint32_t entries = 0;
  std::uint32_t directory_bytes = 0;
  std::uint32_t directory_offset = 0;
};

struct Lengths {
  std::uint16_t name = 0;
  std::uint16_t extra = 0;
};

Expected<EndRecord> ReadEnd(const ByteSource& source) {
  std::array<std::uint8_t, kEndRecordBytes> bytes{};
  const std::uint64_t end_offset = source.size() - kEndRecordBytes;
  BUNDLE_TRY(source.ReadAt(end_offset, bytes));
  FieldReader fields(bytes);
  if (fields.U32() != kEndSignature) {
    return Malformed("it does not end with an end record");
  }
  const std::uint16_t disk = fields.U16();
  const std::uint16_t directory_disk = fields.U16();
  const std::uint16_t entries_here = fields.U16();
  EndRecord end;
  end.entries = fields.U16();
  end.directory_bytes = fields.U32();
  end.directory_offset = fields.U32();
  const std::uint16_t comment_bytes = fields.U16();
  if (disk != 0 || directory_disk != 0 || entries_here != end.entries || comment_bytes != 0) {
    return Malformed("it is split or carries a comment");
  }
  if (end.entries == 0 || end.entries > kMaxZipEntries) {
    return Malformed("it has no entries or more than 33");
  }
  if (std::uint64_t{end.directory_offset} + end.directory_bytes != end_offset ||
      end.directory_bytes > kMaxDirectoryBytes) {
    return Malformed("its directory is not where the end record says");
  }
  return end;
}

bool ExtraIsHarmless(ByteSpan extra) {
  while (extra.size() >= 4) {
    FieldReader fields(extra);
    const std::uint16_t id = fields.U16();
    const std::size_t size = fields.U16();
    if (id == kZip64Extra || id == kUnicodePathExtra || id == kAesExtra ||
        size > extra.size() - 4) {
      return false;
    }
    extra = extra.subspan(4 + size);
  }
  return extra.empty();
}

Outcome CheckName(std::string_view name) {
  if (name != "manifest" && !Digest::FromHexText(name)) {
    return Unexpected(name);
  }
  return Done{};
}

bool IsKnownMethod(std::uint16_t method) {
  return method == static_cast<std::uint16_t>(ZipMethod::kStored) ||
         method == static_cast<std::uint16_t>(ZipMethod::kDeflate);
}

// The fields that a local and a central header share, from "version needed" on.
Outcome ReadCommon(FieldReader& fields, ZipEntry& entry, Lengths& lengths) {
  const std::uint16_t version_needed = fields.U16();
  const std::uint16_t flags = fields.U16();
  const std::uint16_t method = fields.U16();
  fields.U32();  // time and date mean nothing here
  entry.crc32 = fields.U32();
  entry.compressed_bytes = fields.U32();
  entry.uncompressed_bytes = fields.U32();
  lengths.name = fields.U16();
  lengths.extra = fields.U16();
  if (version_needed > kVersionNeeded || (flags & ~kHarmlessFlags) != 0 || !IsKnownMethod(method)) {
    return Malformed("an entry is encrypted, streamed or packed in a way that bundles do not use");
  }
  entry.method = static_cast<ZipMethod>(method);
  if (entry.compressed_bytes == kZip64Mark || entry.uncompressed_bytes == kZip64Mark) {
    return Malformed("it is a zip64 file");
  }
  if (entry.method == ZipMethod::kStored && entry.compressed_bytes != entry.uncompressed_bytes) {
    return Malformed("a stored entry has two lengths");
  }
  if (lengths.extra > kMaxExtraBytes) {
    return Malformed("an extra field is too long");
  }
  return Done{};
}

// Takes one entry off the front of `rest`.
Expected<ZipEntry> ReadCentral(ByteSpan& rest) {
  if (rest.size() < kCentralHeaderBytes) {
    return Malformed("its directory is cut short");
  }
  FieldReader fields(rest);
  const std::uint32_t signature = fields.U32();
  fields.U16();  // made by
  if (signature != kCentralSignature) {
    return Malformed("its directory is broken");
  }
  ZipEntry entry;
  Lengths lengths;
  BUNDLE_TRY(ReadCommon(fields, entry, lengths));
  const std::uint16_t comment_bytes = fields.U16();
  const std::uint16_t disk = fields.U16();
  fields.U16();  // internal attributes
  fields.U32();  // external attributes
  entry.header_offset = fields.U32();
  if (comment_bytes != 0 || disk != 0) {
    return Malformed("an entry lies elsewhere or carries a comment");
  }
  rest = rest.subspan(kCentralHeaderBytes);
  if (rest.size() < std::size_t{lengths.name} + lengths.extra) {
    return Malformed("its directory is cut short");
  }
  entry.name = AsText(rest.first(lengths.name));
  BUNDLE_TRY(CheckName(entry.name));
  if (!ExtraIsHarmless(rest.subspan(lengths.name, lengths.extra))) {
    return Malformed("an entry has an extra field that bundles do not use");
  }
  rest = rest.subspan(std::size_t{lengths.name} + lengths.extra);
  return entry;
}

// Compares the local header at entry.header_offset with the directory and sets data_offset.
Outcome ReadLocal(const ByteSource& source, std::uint64_t limit, ZipEntry& entry) {
  std::array<std::uint8_t, kLocalHeaderBytes> bytes{};
  if (entry.header_offset > limit || limit - entry.header_offset < bytes.size()) {
    return Malformed("an entry lies outside the file");
  }
  BUNDLE_TRY(source.ReadAt(entry.header_offset, bytes));
  FieldReader fields(bytes);
  if (fields.U32() != kLocalSignature) {
    return Malformed("an entry is not where the directory says");
  }
  ZipEntry local;
  Lengths lengths;
  BUNDLE_TRY(ReadCommon(fields, local, lengths));
  if (local.method != entry.method || local.crc32 != entry.crc32 ||
      local.compressed_bytes != entry.compressed_bytes ||
      local.uncompressed_bytes != entry.uncompressed_bytes || lengths.name != entry.name.size()) {
    return Malformed("an entry and the directory contradict each other");
  }
  const std::uint64_t names_offset = entry.header_offset + bytes.size();
  std::vector<std::uint8_t> names(std::size_t{lengths.name} + lengths.extra);
  if (limit - names_offset < names.size()) {
    return Malformed("an entry lies outside the file");
  }
  BUNDLE_TRY(source.ReadAt(names_offset, names));
  if (AsText(ByteSpan(names).first(lengths.name)) != entry.name ||
      !ExtraIsHarmless(ByteSpan(names).subspan(lengths.name))) {
    return Malformed("an entry and the directory contradict each other");
  }
  entry.data_offset = names_offset + names.size();
  return Done{};
}

// The entries must lie one after the other from 0 up to the directory: no overlap, nothing hidden
// between.
Outcome CheckCoverage(const std::vector<ZipEntry>& entries, std::uint64_t directory_offset) {
  std::vector<const ZipEntry*> by_offset;
  for (const ZipEntry& entry : entries) {
    by_offset.push_back(&entry);
  }
  std::sort(by_offset.begin(), by_offset.end(), [](const ZipEntry* a, const ZipEntry* b) {
    return a->header_offset < b->header_offset;
  });
  std::uint64_t expected = 0;
  for (const ZipEntry* entry : by_offset) {
    if (entry->header_offset != expected) {
      return Malformed("its entries overlap or leave gaps");
    }
    expected = entry->data_offset + entry->compressed_bytes;
  }
  if (expected != directory_offset) {
    return Malformed("its entries overlap or leave gaps");
  }
  return Done{};
}

}  // namespace

Expected<std::vector<ZipEntry>> ReadZipDirectory(const ByteSource& source) {
  if (source.size() > kMaxBundleBytes) {
    return MakeFailure(Code::kBundleTooLarge, Op::kParse);
  }
  if (source.size() < kEndRecordBytes) {
    return Malformed("it is too short");
  }
  BUNDLE_TRY_ASSIGN(const EndRecord end, ReadEnd(source));
  std::vector<std::uint8_t> directory(end.directory_bytes);
  BUNDLE_TRY(source.ReadAt(end.directory_offset, directory));
  ByteSpan rest = directory;
  std::vector<ZipEntry> entries;
  std::set<std::string> names;
  for (std::uint32_t i = 0; i < end.entries; ++i) {
    BUNDLE_TRY_ASSIGN(ZipEntry entry, ReadCentral(rest));
    if (!names.insert(entry.name).second) {
      return Unexpected(entry.name);
    }
    BUNDLE_TRY(ReadLocal(source, end.directory_offset, entry));
    entries.push_back(std::move(entry));
  }
  if (!rest.empty()) {
    return Malformed("its directory is longer than its entries");
  }
  BUNDLE_TRY(CheckCoverage(entries, end.directory_offset));
  return entries;
}

}  // namespace strata::bundle
