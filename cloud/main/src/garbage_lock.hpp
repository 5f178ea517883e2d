// SPDX-License-Identifier: Apache-2.0
/// Keeps layers in place while a backup copies them: DIR/garbage.lock, shared by backups, taken
/// alone by garbage collection.
#pragma once

#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace strata::cloud {

class GarbageLock {
 public:
  enum class Kind { kKeepAll, kMayRemove };

  /// kKeepAll waits for a collection in progress, kMayRemove for nobody.
  GarbageLock(const std::string& dir, Kind kind)
      : fd_(open((dir + "/garbage.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)),
        held_(fd_ >= 0 && flock(fd_, kind == Kind::kKeepAll ? LOCK_SH : LOCK_EX | LOCK_NB) == 0) {}

  ~GarbageLock() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }

  GarbageLock(const GarbageLock&) = delete;
  GarbageLock& operator=(const GarbageLock&) = delete;

  [[nodiscard]] bool held() const { return held_; }

 private:
  int fd_;
  bool held_;
};

}  // namespace strata::cloud
