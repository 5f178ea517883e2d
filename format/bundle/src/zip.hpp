// SPDX-License-Identifier: Apache-2.0
/// The zip container of a bundle: strict reading of its directory, streaming out of an entry, and
/// writing from data that is compressed already. Role: container only; knows nothing of manifests
/// and layers' meaning. Security: what is read is an attacker's; nothing is allocated by a size
/// that the file claims. Reference: docs/spec/bundle.md; PKWARE APPNOTE 6.3.10 §4.3; RFC 1951.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "strata/format/bundle/reader.hpp"

namespace strata::bundle {

enum class ZipMethod : std::uint16_t { kStored = 0, kDeflate = 8 };

struct ZipEntry {
  std::string name;
  ZipMethod method = ZipMethod::kDeflate;
  std::uint32_t crc32 = 0;
  std::uint32_t compressed_bytes = 0;
  std::uint32_t uncompressed_bytes = 0;
  std::uint64_t header_offset = 0;
  std::uint64_t data_offset = 0;
};

/// One manifest and at most 32 layers.
inline constexpr std::size_t kMaxZipEntries = 33;

/// The entries in the order of the directory; together with directory and end record they cover
/// every byte of `source` exactly once. Names are `manifest` or a lowercase digest, each at most
/// once.
/// * kBundleTooLarge. * kZipMalformed. * kZipEntryUnexpected: any other or a repeated name. * kIo.
Expected<std::vector<ZipEntry>> ReadZipDirectory(const ByteSource& source);

/// Gives the uncompressed bytes to `sink` in pieces of at most 64 KiB; never more than `entry`
/// says. The bytes count only when OK comes back. * kZipMalformed: data, length or CRC are wrong. *
/// kIo; as `sink`.
Outcome ReadZipEntry(const ByteSource& source,
                     const ZipEntry& entry,
                     const std::function<Outcome(ByteSpan)>& sink);

/// An entry whose data is ready to be written.
struct PackedEntry {
  std::string name;
  ZipMethod method = ZipMethod::kDeflate;
  std::uint32_t crc32 = 0;
  std::uint32_t uncompressed_bytes = 0;
  std::vector<std::uint8_t> data;
};

/// Deflates `bytes` (level 6). Deterministic. * kInternal: the compressor failed.
Expected<PackedEntry> PackEntry(std::string name, ByteSpan bytes);

/// The whole file: entries in the given order, every time stamp 1980-01-01 00:00. *
/// kBundleTooLarge.
Expected<std::vector<std::uint8_t>> WriteZip(const std::vector<PackedEntry>& entries);

}  // namespace strata::bundle
