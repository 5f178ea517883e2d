// SPDX-License-Identifier: Apache-2.0
#include "files.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/platform/linux/unique_fd.hpp"

namespace strata::device {
namespace {

Code CodeOfErrno(int error_number) {
  switch (error_number) {
    case ENOENT:
      return Code::kNotFound;
    case EACCES:
    case EPERM:
      return Code::kPermission;
    default:
      return Code::kIo;
  }
}

}  // namespace

Failure FileFailure(const std::string& what, const std::filesystem::path& path, int error_number) {
  return {Fail(CodeOfErrno(error_number), Op::kNone, static_cast<std::uint32_t>(error_number)),
          "cannot " + what + " " + path.string() + ": " +
              std::generic_category().message(error_number)};
}

bool WriteAllAt(int fd, ByteSpan data, std::uint64_t offset) {
  while (!data.empty()) {
    const ssize_t written = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      errno = written == 0 ? ENOSPC : errno;
      return false;
    }
    data = data.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return true;
}

bool ReadAllAt(int fd, MutableByteSpan out, std::uint64_t offset) {
  while (!out.empty()) {
    const ssize_t got = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      errno = got == 0 ? 0 : errno;
      return false;
    }
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

Expected<std::string> ReadSmallFile(const std::filesystem::path& path, std::size_t limit_bytes) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    return FileFailure("read", path, errno);
  }

  struct stat info {};

  if (::fstat(fd.get(), &info) != 0) {
    return FileFailure("read", path, errno);
  }
  if (!S_ISREG(info.st_mode)) {
    return Failure{Fail(Code::kIo, Op::kReadFile), path.string() + " is not a regular file"};
  }
  if (info.st_size < 0 || static_cast<std::uint64_t>(info.st_size) > limit_bytes) {
    return Failure{Fail(Code::kTooLarge, Op::kReadFile),
                   path.string() + " is larger than " + std::to_string(limit_bytes) + " bytes"};
  }
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  if (!ReadAllAt(fd.get(), {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}, 0)) {
    return FileFailure("read", path, errno == 0 ? EIO : errno);
  }
  return text;
}

Outcome SyncFolder(const std::filesystem::path& folder) {
  const std::filesystem::path name = folder.empty() ? "." : folder;
  const UniqueFd fd(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) {
    return FileFailure("make durable", name, errno);
  }
  return Done{};
}

Outcome RenameDurably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return FileFailure("rename to", to, errno);
  }
  return SyncFolder(to.parent_path());
}

}  // namespace strata::device
