// SPDX-License-Identifier: Apache-2.0
/// Bounded big-endian writing and reading of stored records. Role: no overrun, one check at the
/// end.
#pragma once

#include "strata/core/bytes.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/error.hpp"

namespace strata::engine {

class ByteWriter {
 public:
  explicit ByteWriter(MutableByteSpan out) : out_(out) {}

  void Put(ByteSpan bytes) {
    if (bytes.size() > out_.size() - used_) {
      ok_ = false;
      return;
    }
    if (!bytes.empty()) {
      std::memcpy(out_.data() + used_, bytes.data(), bytes.size());
    }
    used_ += bytes.size();
  }

  void PutU8(std::uint8_t value) { Put(BigEndian(value)); }

  void PutU16(std::uint16_t value) { Put(BigEndian(value)); }

  void PutU32(std::uint32_t value) { Put(BigEndian(value)); }

  void PutU64(std::uint64_t value) { Put(BigEndian(value)); }

  void PutError(const Error& error) {
    PutU16(static_cast<std::uint16_t>(error.code));
    PutU16(static_cast<std::uint16_t>(error.op));
    PutU32(error.detail);
  }

  /// False when something did not fit; the contents are then useless.
  [[nodiscard]] bool ok() const { return ok_; }

  [[nodiscard]] std::size_t size() const { return used_; }

 private:
  MutableByteSpan out_;
  std::size_t used_ = 0;
  bool ok_ = true;
};

class ByteReader {
 public:
  explicit ByteReader(ByteSpan in) : in_(in) {}

  void Take(MutableByteSpan out) {
    if (out.size() > in_.size()) {
      ok_ = false;
      std::memset(out.data(), 0, out.size());
      return;
    }
    std::memcpy(out.data(), in_.data(), out.size());
    in_ = in_.subspan(out.size());
  }

  template <typename Unsigned>
  Unsigned Take() {
    std::array<std::uint8_t, sizeof(Unsigned)> bytes{};
    Take(bytes);
    return LoadBigEndian<Unsigned>(bytes);
  }

  Digest TakeDigest() {
    Digest digest;
    Take(digest.bytes);
    return digest;
  }

  Error TakeError() {
    Error error;
    error.code = static_cast<Code>(Take<std::uint16_t>());
    error.op = static_cast<Op>(Take<std::uint16_t>());
    error.detail = Take<std::uint32_t>();
    return error;
  }

  /// True when everything asked for was there and nothing is left.
  [[nodiscard]] bool Complete() const { return ok_ && in_.empty(); }

  [[nodiscard]] bool ok() const { return ok_; }

 private:
  ByteSpan in_;
  bool ok_ = true;
};

}  // namespace strata::engine
