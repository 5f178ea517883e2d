// SPDX-License-Identifier: Apache-2.0
#include "data_dir.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

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

}  // namespace

DirLock::~DirLock() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

bool DirLock::Take(const std::string& dir) {
  fd_ = open((dir + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  return fd_ >= 0 && flock(fd_, LOCK_EX | LOCK_NB) == 0;
}

std::string MakeEmptyDir(const std::string& dir) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(dir), error);
  if (error) {
    return "can't make " + dir + ": " + error.message();
  }
  const bool empty = std::filesystem::is_empty(dir, error);
  if (error) {
    return "can't read " + dir + ": " + error.message();
  }
  if (!empty) {
    return dir + " is not empty; name a new directory";
  }
  if (chmod(dir.c_str(), 0700) != 0) {
    return "can't keep " + dir + " to its owner: " + std::strerror(errno);
  }
  return {};
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
  std::ifstream file(path, std::ios::binary);
  text.assign(std::istreambuf_iterator<char>(file), {});
  return file.good() || file.eof();
}

}  // namespace strata::cloud
