// SPDX-License-Identifier: Apache-2.0
#include "data_dir.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/core/secure.hpp"

#include "complain.hpp"

namespace strata::cloud {
namespace {

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t step = write(fd, text.data(), text.size());
    if (step < 0 && errno == EINTR) {
      continue;
    }
    if (step <= 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(step));
  }
  return fsync(fd) == 0;
}

/// Looks at the very file that it changes: the directory's owner may put another in its place.
void GiveFile(int folder, const std::string& name, const struct stat& owner) {
  struct stat file {};

  const int fd = openat(folder, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0 && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_uid == 0 &&
      file.st_nlink == 1) {
    [[maybe_unused]] const int done =
        fchownat(fd, "", owner.st_uid, owner.st_gid, AT_EMPTY_PATH);  // else the server complains
  }
  if (fd >= 0) {
    close(fd);
  }
}

}  // namespace

void GiveToOwner(const std::string& dir) {
  for (const char* const folder : {"", "/pki"}) {
    struct stat owner {};

    const int fd = open((dir + folder).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
      continue;
    }
    std::error_code error;
    if (geteuid() == 0 && fstat(fd, &owner) == 0 && owner.st_uid != 0) {
      for (std::filesystem::directory_iterator entry(dir + folder, error), end;
           !error && entry != end;
           entry.increment(error)) {
        GiveFile(fd, entry->path().filename().string(), owner);
      }
    }
    close(fd);
  }
}

DirLock::~DirLock() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

bool DirLock::Take(const std::string& dir) {
  fd_ = open((dir + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  return fd_ >= 0 && flock(fd_, LOCK_EX | LOCK_NB) == 0;
}

ApiOutcome MakeEmptyDir(const std::string& dir) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(dir), error);
  if (error) {
    return LocalError(Code::kIo, "can't make " + dir + ": " + error.message());
  }
  const bool empty = std::filesystem::is_empty(dir, error);
  if (error) {
    return LocalError(Code::kIo, "can't read " + dir + ": " + error.message());
  }
  if (!empty) {
    return LocalError(Code::kAlreadyExists, dir + " is not empty; name a new directory");
  }
  if (chmod(dir.c_str(), 0700) != 0) {
    return LocalError(Code::kIo, "can't keep " + dir + " to its owner: " + std::strerror(errno));
  }
  return Empty{};
}

std::vector<std::string> WithLocalNames(std::vector<std::string> names) {
  names.insert(names.end(), {"localhost", "127.0.0.1", "::1"});
  return names;
}

std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::canonical(path, error);
  return error ? std::string() : absolute.string();
}

bool WriteWhole(const std::string& path, std::string_view text) {
  const std::string beside = path + ".new";
  const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written = fd >= 0 && WriteAll(fd, text);
  if (fd >= 0) {
    close(fd);
  }
  if (!written || rename(beside.c_str(), path.c_str()) != 0) {
    return false;
  }
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const int dir = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool durable = dir >= 0 && fsync(dir) == 0;
  if (dir >= 0) {
    close(dir);
  }
  return durable;
}

bool ReadWhole(const std::string& path, std::string& text) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return false;
  }
  text.clear();
  std::array<char, 4096> piece{};
  ssize_t got = 0;
  do {
    got = read(fd, piece.data(), piece.size());
    text.append(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  } while (got > 0 || (got < 0 && errno == EINTR));
  close(fd);
  SecureZero({reinterpret_cast<std::uint8_t*>(piece.data()), piece.size()});
  return got == 0;
}

}  // namespace strata::cloud
