// SPDX-License-Identifier: Apache-2.0
/// The device under test as a process: started from words, stopped by its pid.
/// Security: it gets no descriptor of ours but its log, and ends when this program does.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "strata/core/result.hpp"

namespace strata::conformance {

class DeviceProcess {
 public:
  DeviceProcess() = default;
  DeviceProcess(const DeviceProcess&) = delete;
  DeviceProcess& operator=(const DeviceProcess&) = delete;

  ~DeviceProcess() { static_cast<void>(Kill()); }

  /// Starts it in a process group of its own, standard output and error appended to `log`.
  /// * kIo: no process, or the program can't be run.
  Status Start(const std::vector<std::string>& words, const std::filesystem::path& log);

  [[nodiscard]] bool running() const;

  /// SIGTERM to its pid, after `patience` SIGKILL to its group. Returns how it ended in words that
  /// follow "the device": empty when it ended by itself or by one of the two signals.
  std::string Stop(std::chrono::milliseconds patience);

  /// SIGKILL at once: a power cut as a program can have it. Also cleans up after one that ended.
  /// Returns how it had ended before, as Stop() does.
  std::string Kill();

 private:
  /// Waits until it ended or `patience` is over, without forgetting it.
  [[nodiscard]] bool WaitEnd(std::chrono::milliseconds patience) const;
  std::string Reap();

  pid_t pid_ = 0;
};

/// The file that would be run for `program`: itself when it has a slash, else found on the PATH.
/// Empty: there is none.
std::string FindProgram(const std::string& program);

}  // namespace strata::conformance
