// SPDX-License-Identifier: Apache-2.0
/// FileOps: the system calls FileBlobs makes, so that a test can fail each of them.
/// Role: one call each, nothing clever; decides nothing. Context: thread-safe.
/// Errors: a negative result is -errno. EINTR is retried inside where that is safe.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

#include "strata/core/bytes.hpp"

namespace strata::cloud {

class FileOps {
 public:
  virtual ~FileOps() = default;
  FileOps() = default;
  FileOps(const FileOps&) = delete;
  FileOps& operator=(const FileOps&) = delete;

  /// A new file, never an existing one or a link, mode 0600, for writing. Returns its descriptor.
  virtual int CreateNew(const std::string& path) = 0;
  /// An existing file, not a link, for reading. Returns its descriptor; -ENOENT.
  virtual int OpenToRead(const std::string& path) = 0;
  /// May write less than `piece`, as write(2).
  virtual ssize_t Write(int fd, ByteSpan piece) = 0;
  virtual int MakeReadOnly(int fd) = 0;
  virtual int Sync(int fd) = 0;
  virtual int SyncDirectory(const std::string& path) = 0;
  virtual int Close(int fd) = 0;
  virtual int Rename(const std::string& from, const std::string& to) = 0;
  virtual int Unlink(const std::string& path) = 0;
  /// -EEXIST when it is there.
  virtual int MakeDirectory(const std::string& path) = 0;
  /// Size in bytes of a regular file; -ENOENT; -EINVAL for anything that is not a regular file.
  virtual std::int64_t FileSize(const std::string& path) = 0;
  /// When its content changed last, seconds since 1970.
  virtual std::int64_t ModifiedAt(const std::string& path) = 0;
  /// ModifiedAt() is now.
  virtual int Touch(const std::string& path) = 0;
};

class PosixFileOps final : public FileOps {
 public:
  int CreateNew(const std::string& path) override;
  int OpenToRead(const std::string& path) override;
  ssize_t Write(int fd, ByteSpan piece) override;
  int MakeReadOnly(int fd) override;
  int Sync(int fd) override;
  int SyncDirectory(const std::string& path) override;
  int Close(int fd) override;
  int Rename(const std::string& from, const std::string& to) override;
  int Unlink(const std::string& path) override;
  int MakeDirectory(const std::string& path) override;
  std::int64_t FileSize(const std::string& path) override;
  std::int64_t ModifiedAt(const std::string& path) override;
  int Touch(const std::string& path) override;
};

}  // namespace strata::cloud
