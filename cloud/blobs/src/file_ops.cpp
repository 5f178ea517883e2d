// SPDX-License-Identifier: Apache-2.0
#include "file_ops.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace strata::cloud {
namespace {

int OrErrno(int result) {
  return result < 0 ? -errno : result;
}

}  // namespace

int PosixFileOps::CreateNew(const std::string& path) {
  return OrErrno(::open(
      path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
}

int PosixFileOps::OpenToRead(const std::string& path) {
  return OrErrno(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
}

ssize_t PosixFileOps::Write(int fd, ByteSpan piece) {
  ssize_t written = 0;
  do {
    written = ::write(fd, piece.data(), piece.size());
  } while (written < 0 && errno == EINTR);
  return written < 0 ? -errno : written;
}

int PosixFileOps::MakeReadOnly(int fd) {
  return OrErrno(::fchmod(fd, S_IRUSR));
}

int PosixFileOps::Sync(int fd) {
  return OrErrno(::fsync(fd));
}

int PosixFileOps::SyncDirectory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return -errno;
  }
  const int result = OrErrno(::fsync(fd));
  ::close(fd);
  return result;
}

int PosixFileOps::Close(int fd) {
  return OrErrno(::close(fd));
}

int PosixFileOps::Rename(const std::string& from, const std::string& to) {
  return OrErrno(::rename(from.c_str(), to.c_str()));
}

int PosixFileOps::Unlink(const std::string& path) {
  return OrErrno(::unlink(path.c_str()));
}

int PosixFileOps::MakeDirectory(const std::string& path) {
  return OrErrno(::mkdir(path.c_str(), S_IRWXU));
}

std::int64_t PosixFileOps::FileSize(const std::string& path) {
  struct stat status {};

  if (::lstat(path.c_str(), &status) != 0) {
    return -errno;
  }
  return S_ISREG(status.st_mode) ? static_cast<std::int64_t>(status.st_size) : -EINVAL;
}

std::int64_t PosixFileOps::ModifiedAt(const std::string& path) {
  struct stat status {};

  return ::lstat(path.c_str(), &status) != 0 ? -errno : std::int64_t{status.st_mtime};
}

int PosixFileOps::Touch(const std::string& path) {
  return OrErrno(::utimensat(AT_FDCWD, path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW));
}

}  // namespace strata::cloud
