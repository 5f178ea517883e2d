// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <libdeflate.h>
#include <zlib.h>

#include "try.hpp"
#include "zip.hpp"

namespace strata::bundle {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

Failure Damaged(const std::string& name) {
  return {Error{Code::kZipMalformed, Op::kParse, 0}, "entry " + name + " is damaged"};
}

// Hands out the compressed bytes of an entry piece by piece.
class CompressedInput {
 public:
  CompressedInput(const ByteSource& source, const ZipEntry& entry)
      : source_(source),
        offset_(entry.data_offset),
        left_(entry.compressed_bytes),
        buffer_(kPieceBytes) {}

  [[nodiscard]] bool ended() const { return left_ == 0; }

  Expected<MutableByteSpan> Next() {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer_.size()));
    const MutableByteSpan piece = MutableByteSpan(buffer_).first(size);
    BUNDLE_TRY(source_.ReadAt(offset_, piece));
    offset_ += size;
    left_ -= size;
    return piece;
  }

 private:
  const ByteSource& source_;
  std::uint64_t offset_;
  std::uint64_t left_;
  std::vector<std::uint8_t> buffer_;
};

// Counts and sums what goes to the sink; never lets more through than the entry says.
class CheckedOutput {
 public:
  CheckedOutput(const ZipEntry& entry, const std::function<Outcome(ByteSpan)>& sink)
      : entry_(entry), sink_(sink) {}

  Outcome Write(ByteSpan piece) {
    if (piece.empty()) {
      return Done{};
    }
    if (piece.size() > entry_.uncompressed_bytes - total_) {
      return Damaged(entry_.name);
    }
    total_ += piece.size();
    crc_ = libdeflate_crc32(crc_, piece.data(), piece.size());
    return sink_(piece);
  }

  Outcome Finish() const {
    if (total_ != entry_.uncompressed_bytes || crc_ != entry_.crc32) {
      return Damaged(entry_.name);
    }
    return Done{};
  }

 private:
  const ZipEntry& entry_;
  const std::function<Outcome(ByteSpan)>& sink_;
  std::uint64_t total_ = 0;
  std::uint32_t crc_ = 0;
};

class Inflater {
 public:
  Inflater() : ready_(inflateInit2(&stream_, -MAX_WBITS) == Z_OK), buffer_(kPieceBytes) {}

  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  ~Inflater() {
    if (ready_) {
      inflateEnd(&stream_);
    }
  }

  /// Whether the deflate stream has ended.
  [[nodiscard]] bool ended() const { return ended_; }

  /// Inflates all of `piece`; false when it is not deflate data or goes on behind its end.
  Expected<bool> Feed(MutableByteSpan piece, CheckedOutput& output) {
    stream_.next_in = piece.data();
    stream_.avail_in = static_cast<uInt>(piece.size());
    do {
      if (!ready_ || ended_) {
        return false;
      }
      stream_.next_out = buffer_.data();
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      const int result = inflate(&stream_, Z_NO_FLUSH);
      ended_ = result == Z_STREAM_END;
      // Z_BUF_ERROR: nothing to do until the next piece.
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return false;
      }
      BUNDLE_TRY(output.Write(ByteSpan(buffer_).first(buffer_.size() - stream_.avail_out)));
    } while (stream_.avail_in > 0 || (stream_.avail_out == 0 && !ended_));
    return true;
  }

 private:
  z_stream stream_{};
  bool ready_;
  bool ended_ = false;
  std::vector<std::uint8_t> buffer_;
};

Outcome Inflate(CompressedInput& input, CheckedOutput& output, const ZipEntry& entry) {
  Inflater inflater;
  while (!input.ended()) {
    BUNDLE_TRY_ASSIGN(const MutableByteSpan piece, input.Next());
    BUNDLE_TRY_ASSIGN(const bool good, inflater.Feed(piece, output));
    if (!good) {
      return Damaged(entry.name);
    }
  }
  return inflater.ended() ? output.Finish() : Outcome(Damaged(entry.name));
}

}  // namespace

Outcome ReadZipEntry(const ByteSource& source,
                     const ZipEntry& entry,
                     const std::function<Outcome(ByteSpan)>& sink) {
  CompressedInput input(source, entry);
  CheckedOutput output(entry, sink);
  if (entry.method == ZipMethod::kDeflate) {
    return Inflate(input, output, entry);
  }
  while (!input.ended()) {
    BUNDLE_TRY_ASSIGN(const MutableByteSpan piece, input.Next());
    BUNDLE_TRY(output.Write(piece));
  }
  return output.Finish();
}

}  // namespace strata::bundle
