// SPDX-License-Identifier: Apache-2.0
/// Files as ends of a backup's stream, and what backup and restore share.
#pragma once

#include <string>

#include "strata/cloud/backup/archive.hpp"
#include "strata/cloud/domain/api_error.hpp"

namespace strata::cloud {

class FileSink final : public backup::Sink {
 public:
  FileSink() = default;
  ~FileSink() override;

  /// A new file, for its owner alone. * kAlreadyExists. * kIo.
  Status Create(const std::string& path, unsigned mode = 0600);
  Status Write(ByteSpan bytes) override;
  /// Durable, but for its name in its directory. * kIo.
  Status Finish();

 private:
  int fd_ = -1;
};

class FileReader final : public backup::Source {
 public:
  FileReader() = default;
  ~FileReader() override;

  /// * kNotFound. * kIo: also for what is no regular file.
  Status Open(const std::string& path);

  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }

  Result<std::size_t> Read(MutableByteSpan out) override;

 private:
  int fd_ = -1;
  std::uint64_t size_bytes_ = 0;
};

/// The first line of a file that only its owner may read; empty when `path` is. * 503/20503: the
/// message is one line for a person.
ApiResult<std::string> ReadPassphrase(const std::string& path);

/// Makes names in a directory durable. false: it could not.
bool SyncDirectory(const std::string& path);

/// "blobs/ab/cd…"
std::string LayerPath(const Digest& digest);

}  // namespace strata::cloud
