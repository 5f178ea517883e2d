// SPDX-License-Identifier: Apache-2.0
#include "file_source.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace strata::cloud {
namespace {

bundle::Failure ReadFailed() {
  return bundle::MakeFailure(Code::kIo, Op::kReadFile);
}

}  // namespace

bundle::Expected<std::unique_ptr<FileSource>> FileSource::Open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    return ReadFailed();
  }

  struct stat status {};

  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(fd);
    return ReadFailed();
  }
  return std::unique_ptr<FileSource>(
      new FileSource(fd, static_cast<std::uint64_t>(status.st_size)));
}

FileSource::~FileSource() {
  ::close(fd_);
}

bundle::Outcome FileSource::ReadAt(std::uint64_t offset, MutableByteSpan out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return ReadFailed();
    }
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return bundle::Done{};
}

}  // namespace strata::cloud
