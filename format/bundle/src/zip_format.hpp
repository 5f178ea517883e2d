// SPDX-License-Identifier: Apache-2.0
/// Records of the zip format, little-endian (PKWARE APPNOTE 6.3.10). Same names, offsets and sizes
/// as in docs/spec/bundle.md.
#pragma once

#include <cstdint>
#include <vector>

#include "strata/core/bytes.hpp"

namespace strata::bundle {

inline constexpr std::uint32_t kLocalSignature = 0x04034b50;    // APPNOTE 4.3.7
inline constexpr std::uint32_t kCentralSignature = 0x02014b50;  // APPNOTE 4.3.12
inline constexpr std::uint32_t kEndSignature = 0x06054b50;      // APPNOTE 4.3.16

inline constexpr std::size_t kLocalHeaderBytes = 30;
inline constexpr std::size_t kCentralHeaderBytes = 46;
inline constexpr std::size_t kEndRecordBytes = 22;

inline constexpr std::uint16_t kVersionNeeded = 20;  // deflate
inline constexpr std::uint16_t kDosDate = 0x0021;    // 1980-01-01, the earliest a zip can say
inline constexpr std::uint16_t kDosTime = 0;

/// Little-endian fields read one after the other; the caller has checked that the bytes are there.
class FieldReader {
 public:
  explicit FieldReader(ByteSpan bytes) : rest_(bytes) {}

  std::uint16_t U16() { return static_cast<std::uint16_t>(Take(2)); }

  std::uint32_t U32() { return Take(4); }

 private:
  std::uint32_t Take(std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      value |= std::uint32_t{rest_[i]} << (8 * i);
    }
    rest_ = rest_.subspan(count);
    return value;
  }

  ByteSpan rest_;
};

class FieldWriter {
 public:
  explicit FieldWriter(std::vector<std::uint8_t>& out) : out_(out) {}

  void U16(std::uint16_t value) { Put(value, 2); }

  void U32(std::uint32_t value) { Put(value, 4); }

  void Bytes(ByteSpan bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

 private:
  void Put(std::uint32_t value, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  }

  std::vector<std::uint8_t>& out_;
};

}  // namespace strata::bundle
