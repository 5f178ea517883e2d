// SPDX-License-Identifier: Apache-2.0
/// FileSource: a received file as bundle::ByteSource. Thread-safe; the file must not change
/// meanwhile.
#pragma once

#include <memory>
#include <string>

#include "strata/format/bundle/reader.hpp"

namespace strata::cloud {

class FileSource final : public bundle::ByteSource {
 public:
  /// * kIo: `path` can't be opened or is not a regular file.
  static bundle::Expected<std::unique_ptr<FileSource>> Open(const std::string& path);
  ~FileSource() override;

  [[nodiscard]] std::uint64_t size() const override { return size_bytes_; }

  bundle::Outcome ReadAt(std::uint64_t offset, MutableByteSpan out) const override;

 private:
  FileSource(int fd, std::uint64_t size_bytes) : fd_(fd), size_bytes_(size_bytes) {}

  int fd_;
  std::uint64_t size_bytes_;
};

}  // namespace strata::cloud
