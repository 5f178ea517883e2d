// SPDX-License-Identifier: Apache-2.0
#include "child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "strata/platform/linux/unique_fd.hpp"

namespace strata::device {
namespace {

constexpr int kFirstSafeFd = 200;
constexpr int kKillTries = 2500;
constexpr useconds_t kKillPauseUs = 2'000;

struct Plan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  std::span<const int> fds;
  int report_fd;
  pid_t parent;
};

[[noreturn]] void FailChild(int report_fd) {
  const int why = errno;
  if (::write(report_fd, &why, sizeof(why)) < 0) {
    ::_exit(126);
  }
  ::_exit(127);
}

void ResetSignals() {
  for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGCHLD}) {
    ::signal(signal, SIG_DFL);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void RunChild(const Plan& plan) {
  const int report_fd = ::fcntl(plan.report_fd, F_DUPFD_CLOEXEC, kFirstSafeFd);
  if (report_fd < 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::setpgid(0, 0) != 0) {
    FailChild(plan.report_fd);
  }
  // The parent may have died before the line above took effect.
  if (::getppid() != plan.parent) {
    ::_exit(127);
  }
  ResetSignals();
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  std::array<int, 16> safe{};
  for (std::size_t i = 0; i < plan.fds.size(); ++i) {
    safe[i] = ::fcntl(plan.fds[i], F_DUPFD_CLOEXEC, kFirstSafeFd);
  }
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || (null != 0 && ::dup2(null, 0) < 0)) {
    FailChild(report_fd);
  }
  int next = 1;
  for (std::size_t i = 0; i < plan.fds.size(); ++i, ++next) {
    if (safe[i] < 0 || ::dup2(safe[i], next) < 0) {
      FailChild(report_fd);
    }
  }
  if (::close_range(static_cast<unsigned>(next), ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
    FailChild(report_fd);
  }
  ::execve(plan.program, plan.arguments, plan.environment);
  FailChild(report_fd);
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (std::string& text : strings) {
    out.push_back(text.data());
  }
  out.push_back(nullptr);
  return out;
}

/// errno of the failed start, 0 when the child runs the program.
int AwaitStart(int report_fd) {
  int why = 0;
  ssize_t got = -1;
  do {
    got = ::read(report_fd, &why, sizeof(why));
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof(why)) ? why : 0;
}

}  // namespace

Status ChildProcess::Start(const std::string& program,
                           const std::vector<std::string>& arguments,
                           std::span<const int> fds) {
  const auto failed = [](int why) {
    return Fail(Code::kAppStartFailed, Op::kStartApp, static_cast<std::uint32_t>(why));
  };
  if (pid_ > 0 || fds.size() > 16) {
    return failed(EINVAL);
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return failed(errno);
  }
  const UniqueFd report(ends[0]);
  UniqueFd child_report(ends[1]);
  std::vector<std::string> argv_text = {program};
  argv_text.insert(argv_text.end(), arguments.begin(), arguments.end());
  const char* const path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nothing sets it
  std::vector<std::string> env_text = {std::string("PATH=") + (path == nullptr ? "" : path),
                                       "LC_ALL=C"};
  const std::vector<char*> argv = Pointers(argv_text);
  const std::vector<char*> env = Pointers(env_text);
  const Plan plan{program.c_str(), argv.data(), env.data(), fds, child_report.get(), ::getpid()};
  pid_ = ::fork();
  if (pid_ == 0) {
    RunChild(plan);
  }
  if (pid_ < 0) {
    return failed(errno);
  }
  child_report.Reset();
  if (const int why = AwaitStart(report.get()); why != 0) {
    Kill().IgnoreError();  // It ends by itself; this only takes note.
    return failed(why);
  }
  return {};
}

bool ChildProcess::IsRunning() {
  if (pid_ <= 0) {
    return false;
  }
  const pid_t ended = ::waitpid(pid_, nullptr, WNOHANG);
  if (ended == pid_ || (ended < 0 && errno == ECHILD)) {
    pid_ = -1;
    return false;
  }
  return true;
}

Status ChildProcess::Kill() {
  if (!IsRunning()) {
    return {};
  }
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  for (int i = 0; i < kKillTries; ++i) {
    if (!IsRunning()) {
      return {};
    }
    ::usleep(kKillPauseUs);
  }
  return Fail(Code::kInternal, Op::kStartApp);
}

}  // namespace strata::device
