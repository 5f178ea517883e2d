// SPDX-License-Identifier: Apache-2.0
/// ChildProcess: one program that lives no longer than this process, whatever ends it.
/// Role: starts and kills; knows nothing of what the program does.
/// Security: no shell; the child gets the descriptors named and nothing else, PATH and nothing else
/// of the environment, and a process group of its own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "strata/core/result.hpp"

namespace strata::device {

class ChildProcess {
 public:
  ChildProcess() = default;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  ~ChildProcess() { Kill().IgnoreError(); }

  /// Runs `program` with `arguments` (without its own name). `fds[i]` becomes the child's
  /// descriptor i + 1; 0 is /dev/null. Call from the thread that lives longest: the child dies with
  /// it.
  /// * kAppStartFailed: it did not start; detail is errno.
  Status Start(const std::string& program,
               const std::vector<std::string>& arguments,
               std::span<const int> fds);

  /// Whether it runs; takes note of its end. False before Start().
  [[nodiscard]] bool IsRunning();

  /// SIGKILL to its group, then waits for its end, at most five seconds. * kInternal: it may still
  /// run.
  Status Kill();

 private:
  pid_t pid_ = -1;
};

}  // namespace strata::device
