// SPDX-License-Identifier: Apache-2.0
#include "device_process.hpp"

#include <csignal>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace strata::conformance {
namespace {

using std::chrono::milliseconds;

constexpr Error kNoProcess = Fail(Code::kIo, Op::kStartApp);

/// Only calls that are safe between fork() and exec().
[[noreturn]] void Become(const std::string& program,
                         char* const* arguments,
                         int log,
                         pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (::getppid() == parent && nothing >= 0 && ::dup2(nothing, STDIN_FILENO) >= 0 &&
      ::dup2(log, STDOUT_FILENO) >= 0 && ::dup2(log, STDERR_FILENO) >= 0) {
    ::execv(program.c_str(), arguments);
  }
  ::_exit(127);
}

}  // namespace

std::string FindProgram(const std::string& program) {
  if (program.find('/') != std::string::npos) {
    return ::access(program.c_str(), X_OK) == 0 ? program : std::string();
  }
  const char* const path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  std::string rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::string file = rest.substr(0, colon) + "/" + program;
    if (::access(file.c_str(), X_OK) == 0) {
      return file;
    }
    rest = colon == std::string::npos ? std::string() : rest.substr(colon + 1);
  }
  return {};
}

Status DeviceProcess::Start(const std::vector<std::string>& words,
                            const std::filesystem::path& log) {
  static_cast<void>(Kill());
  const std::string program = words.empty() ? std::string() : FindProgram(words.front());
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (program.empty() || out < 0) {
    if (out >= 0) {
      ::close(out);
    }
    return kNoProcess;
  }
  std::vector<char*> arguments;
  for (const std::string& word : words) {
    arguments.push_back(const_cast<char*>(word.c_str()));  // execv changes none of them
  }
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    Become(program, arguments.data(), out, parent);
  }
  ::close(out);
  if (child < 0) {
    return kNoProcess;
  }
  ::setpgid(child, child);  // also here: whoever is first
  pid_ = child;
  return {};
}

bool DeviceProcess::running() const {
  return pid_ != 0 && !WaitEnd(milliseconds(0));
}

bool DeviceProcess::WaitEnd(milliseconds patience) const {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid != 0) {
      return true;
    }
    if (std::chrono::steady_clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(10));
  }
}

std::string DeviceProcess::Stop(milliseconds patience) {
  if (running()) {
    ::kill(pid_, SIGTERM);
    static_cast<void>(WaitEnd(patience));
  }
  return Kill();
}

std::string DeviceProcess::Kill() {
  if (pid_ == 0) {
    return {};
  }
  // Not reaped yet, so neither its pid nor its group can be anybody else's.
  ::kill(-pid_, SIGKILL);
  return Reap();
}

std::string DeviceProcess::Reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  if (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM && WTERMSIG(status) != SIGKILL) {
    return "was ended by signal " + std::to_string(WTERMSIG(status));
  }
  constexpr int kBySigterm = 128 + SIGTERM;  // what a shell makes of it
  return WIFEXITED(status) && WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != kBySigterm
             ? "ended with exit code " + std::to_string(WEXITSTATUS(status))
             : std::string();
}

}  // namespace strata::conformance
