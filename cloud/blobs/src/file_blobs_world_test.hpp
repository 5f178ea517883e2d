// SPDX-License-Identifier: Apache-2.0
/// What tests of FileBlobs share: a directory, file calls that fail as planned, and looks at what
/// is there.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "strata/cloud/blobs/file_blobs.hpp"

#include "file_blobs_impl.hpp"

namespace strata::cloud {

class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "strata-blobs-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) {
      path_ = name;
    }
  }

  ~TempDir() { std::filesystem::remove_all(path_); }

  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The real calls, of which one can be told to fail, or all writes beyond a number of bytes.
class FailingFileOps final : public FileOps {
 public:
  struct Plan {
    int fail_at = -1;  ///< index of the call that fails
    int fail_with = EIO;
    std::int64_t disk_bytes = INT64_MAX;
    std::size_t longest_write = SIZE_MAX;
    bool armed = false;
    int calls = 0;
    bool fired = false;
  };

  explicit FailingFileOps(Plan& plan) : plan_(plan) {}

  int CreateNew(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.CreateNew(path);
  }

  int OpenToRead(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.OpenToRead(path);
  }

  ssize_t Write(int fd, ByteSpan piece) override {
    if (Fails()) {
      return -plan_.fail_with;
    }
    if (plan_.disk_bytes <= 0) {
      return -ENOSPC;
    }
    const std::size_t length =
        std::min({piece.size(), plan_.longest_write, static_cast<std::size_t>(plan_.disk_bytes)});
    const ssize_t written = real_.Write(fd, piece.first(length));
    plan_.disk_bytes -= std::max<ssize_t>(written, 0);
    return written;
  }

  int MakeReadOnly(int fd) override { return Fails() ? -plan_.fail_with : real_.MakeReadOnly(fd); }

  int Sync(int fd) override { return Fails() ? -plan_.fail_with : real_.Sync(fd); }

  int SyncDirectory(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.SyncDirectory(path);
  }

  int Close(int fd) override {
    const bool fails = Fails();
    const int result = real_.Close(fd);
    return fails ? -plan_.fail_with : result;
  }

  int Rename(const std::string& from, const std::string& to) override {
    return Fails() ? -plan_.fail_with : real_.Rename(from, to);
  }

  int Unlink(const std::string& path) override { return real_.Unlink(path); }

  int MakeDirectory(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.MakeDirectory(path);
  }

  std::int64_t FileSize(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.FileSize(path);
  }

  std::int64_t ModifiedAt(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.ModifiedAt(path);
  }

  int Touch(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.Touch(path);
  }

 private:
  bool Fails() {
    if (!plan_.armed) {
      return false;
    }
    const bool fails = plan_.calls++ == plan_.fail_at;
    plan_.fired = plan_.fired || fails;
    return fails;
  }

  Plan& plan_;
  PosixFileOps real_;
};

inline Digest DigestOf(std::uint8_t seed) {
  Digest digest;
  digest.bytes.fill(seed);
  return digest;
}

inline std::unique_ptr<Blobs> Open(const std::string& dir) {
  auto blobs = OpenFileBlobs(dir);
  EXPECT_TRUE(blobs.ok());
  return std::move(blobs).value();
}

inline Status Put(Blobs& blobs, const Digest& digest, std::string_view text) {
  STRATA_TRY_ASSIGN(const auto writer, blobs.Create());
  STRATA_TRY(writer->Write(AsBytes(text)));
  return writer->Commit(digest);
}

inline std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::size_t FilesUnder(const std::string& dir) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  return count;
}

inline mode_t ModeOf(const std::string& path) {
  struct stat status {};

  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

}  // namespace strata::cloud
