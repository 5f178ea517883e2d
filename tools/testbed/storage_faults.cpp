// SPDX-License-Identifier: Apache-2.0
// A library to preload: counts the calls that change what is stored below a directory, and from a
// chosen one on makes the disk full or read-only, or kills the program there. Only the testbed
// (storage.py) compiles and uses it. STRATA_FAULT_DIR: the directory. STRATA_FAULT_CONTROL: a file
// of four 64-bit words that the test writes while the program runs: what to do, calls left until
// then, calls seen, calls that were met.
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

enum Deed : std::int64_t {
  kNothing = 0,
  kFull = 1,
  kKillBefore = 2,
  kKillInside = 3,
  kNoSpaceLeft = 4,
  kReadOnly = 5
};

struct Control {
  std::atomic<std::int64_t> deed;
  std::atomic<std::int64_t> left;
  std::atomic<std::int64_t> seen;
  std::atomic<std::int64_t> met;
};

Control* OpenControl() {
  const char* const path = std::getenv("STRATA_FAULT_CONTROL");
  const long fd = path == nullptr ? -1 : syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) {
    std::abort();
  }
  void* const at =
      mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, static_cast<int>(fd), 0);
  return at == MAP_FAILED ? nullptr : static_cast<Control*>(at);
}

Control& TheControl() {
  static Control* const control = OpenControl();
  return *control;
}

bool Below(const char* path) {
  static const std::string directory = std::getenv("STRATA_FAULT_DIR");
  return std::strncmp(path, directory.c_str(), directory.size()) == 0;
}

bool BelowFd(int fd) {
  char link[40];
  char path[PATH_MAX];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  path[size < 0 ? 0 : size] = '\0';
  return Below(path);
}

[[noreturn]] void Die() {
  kill(getpid(), SIGKILL);
  for (;;) {
    pause();
  }
}

/// One call that changes something. True: the disk does not take it, for the reason in errno.
/// kKillInside is left to the caller, who calls Die().
bool Meets(bool& inside) {
  Control& control = TheControl();
  inside = false;
  const std::int64_t deed = control.deed;
  if (deed == kNothing || deed == kNoSpaceLeft) {
    return false;
  }
  ++control.seen;
  if (--control.left > 0) {
    return false;
  }
  ++control.met;
  if (deed == kKillBefore) {
    Die();
  }
  inside = deed == kKillInside;
  errno = deed == kReadOnly ? EROFS : ENOSPC;
  return deed == kFull || deed == kReadOnly;
}

/// For calls that have no middle.
bool Full(bool counts) {
  bool inside = false;
  if (!counts || !Meets(inside)) {
    if (inside) {
      Die();
    }
    return false;
  }
  return true;
}

template <typename Write>
ssize_t Written(int fd, std::size_t size, Write write) {
  bool inside = false;
  if (BelowFd(fd) && Meets(inside)) {
    return -1;
  }
  if (inside) {
    write(size / 2);
    Die();
  }
  return write(size);
}

int Open(int at, const char* path, int flags, mode_t mode) {
  const bool makes = (flags & O_CREAT) != 0 && Below(path);
  return Full(makes) ? -1 : static_cast<int>(syscall(SYS_openat, at, path, flags, mode));
}

mode_t ModeOf(int flags, va_list more) {
  return (flags & O_CREAT) != 0 ? static_cast<mode_t>(va_arg(more, int)) : 0;
}

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

template <typename Status>
int Space(int result, Status* out) {
  if (result == 0 && TheControl().deed == kNoSpaceLeft) {
    out->f_bavail = 0;
  }
  return result;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* data, size_t size) {
  return Written(fd, size, [&](size_t n) { return syscall(SYS_write, fd, data, n); });
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  return Written(fd, size, [&](size_t n) { return syscall(SYS_pwrite64, fd, data, n, at); });
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  return pwrite64(fd, data, size, at);
}

int fsync(int fd) {
  return Full(BelowFd(fd)) ? -1 : static_cast<int>(syscall(SYS_fsync, fd));
}

int fdatasync(int fd) {
  return Full(BelowFd(fd)) ? -1 : static_cast<int>(syscall(SYS_fdatasync, fd));
}

int ftruncate64(int fd, off64_t size) noexcept {
  return Full(BelowFd(fd)) ? -1 : static_cast<int>(syscall(SYS_ftruncate, fd, size));
}

int ftruncate(int fd, off_t size) noexcept {
  return ftruncate64(fd, size);
}

int rename(const char* from, const char* to) noexcept {
  return Full(Below(to)) ? -1 : static_cast<int>(syscall(SYS_rename, from, to));
}

int mkdir(const char* path, mode_t mode) noexcept {
  return Full(Below(path)) ? -1 : static_cast<int>(syscall(SYS_mkdir, path, mode));
}

int mkostemp(char* pattern, int flags) {
  return Full(Below(pattern)) ? -1 : Next<int(char*, int)>("mkostemp")(pattern, flags);
}

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = ModeOf(flags, more);
  va_end(more);
  return Open(AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = ModeOf(flags, more);
  va_end(more);
  return Open(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int statvfs(const char* path, struct statvfs* out) noexcept {
  return Space(Next<int(const char*, struct statvfs*)>("statvfs")(path, out), out);
}

int statvfs64(const char* path, struct statvfs64* out) noexcept {
  return Space(Next<int(const char*, struct statvfs64*)>("statvfs64")(path, out), out);
}

}  // extern "C"
