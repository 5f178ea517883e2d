// SPDX-License-Identifier: Apache-2.0
#include "backup_files.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.hpp"
#include "data_dir.hpp"

namespace strata::cloud {
namespace {

Error IoError() {
  return Fail(Code::kIo, Op::kNone, static_cast<std::uint32_t>(errno));
}

}  // namespace

FileSink::~FileSink() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

Status FileSink::Create(const std::string& path, unsigned mode) {
  fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd_ >= 0) {
    return {};
  }
  return errno == EEXIST ? Fail(Code::kAlreadyExists) : IoError();
}

Status FileSink::Write(ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return IoError();
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Status FileSink::Finish() {
  const bool durable = fsync(fd_) == 0;
  const bool closed = close(fd_) == 0;
  fd_ = -1;
  return durable && closed ? Status{} : IoError();
}

FileReader::~FileReader() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

Status FileReader::Open(const std::string& path) {
  fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  struct stat info {};

  if (fd_ < 0) {
    return errno == ENOENT ? Fail(Code::kNotFound) : IoError();
  }
  if (fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode)) {
    return Fail(Code::kIo);
  }
  size_bytes_ = static_cast<std::uint64_t>(info.st_size);
  return {};
}

Result<std::size_t> FileReader::Read(MutableByteSpan out) {
  std::size_t got = 0;
  while (got < out.size()) {
    const ssize_t step = read(fd_, out.data() + got, out.size() - got);
    if (step < 0 && errno == EINTR) {
      continue;
    }
    if (step < 0) {
      return IoError();
    }
    if (step == 0) {
      break;
    }
    got += static_cast<std::size_t>(step);
  }
  return got;
}

ApiResult<std::string> ReadPassphrase(const std::string& path) {
  if (path.empty()) {
    return std::string();
  }

  struct stat info {};

  std::string text;
  if (stat(path.c_str(), &info) != 0 || !ReadWhole(path, text)) {
    return LocalError(Code::kIo, "can't read the passphrase from " + path);
  }
  if (S_ISREG(info.st_mode) && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return LocalError(Code::kPermission,
                      "others may read the passphrase in " + path + "; chmod 600 it");
  }
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.empty()) {
    return LocalError(Code::kInvalidArgument,
                      "the first line of " + path + ", the passphrase, is empty");
  }
  return text;
}

bool SyncDirectory(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0) {
    close(fd);
  }
  return synced;
}

std::string LayerPath(const Digest& digest) {
  const auto hex = digest.ToHexText();
  const std::string text(hex.data(), hex.size());
  return "blobs/" + text.substr(0, 2) + "/" + text.substr(2);
}

}  // namespace strata::cloud
