// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/linux/qemu_app.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "strata/platform/linux/unique_fd.hpp"

#include "app_link.hpp"
#include "app_log.hpp"
#include "child_process.hpp"

namespace strata::device {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kPieceBytes = 4096;
constexpr std::size_t kMaxLogLineBytes = 512;
// After the UARTs closed, the process itself ends within moments.
constexpr std::chrono::milliseconds kReapPause{20};
constexpr std::string_view kSandbox =
    "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

// The child's descriptors, in the order of ChildProcess::Start; 1 and 2 are its console.
enum ChildFd { kLauncherFd = 3, kLogFd = 4, kLinkFd = 5 };

/// QEMU's option syntax doubles commas.
std::string Escaped(const std::filesystem::path& path) {
  std::string out;
  for (const char c : path.string()) {
    out.append(c == ',' ? 2 : 1, c);
  }
  return out;
}

/// Reads what is there, at most a piece. 0: the other end is closed; nullopt: nothing now.
std::optional<std::size_t> ReadSome(int fd, std::span<char> out) {
  const ssize_t got = ::read(fd, out.data(), out.size());
  if (got >= 0) {
    return static_cast<std::size_t>(got);
  }
  const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return later ? std::nullopt : std::optional<std::size_t>(0);
}

/// One of QEMU's outputs: our end of a socket pair and its lines.
struct Channel {
  explicit Channel(LineCutter cutter) : lines(std::move(cutter)) {}

  UniqueFd fd;
  LineCutter lines;

  /// Feeds at most `limit_bytes` to `take`, line by line; returns how many bytes came.
  template <typename Take>
  std::size_t Drain(std::size_t limit_bytes, Take take) {
    std::array<char, kPieceBytes> piece{};
    std::size_t total = 0;
    while (fd.valid() && total < limit_bytes) {
      const auto got = ReadSome(fd.get(), piece);
      if (!got) {
        break;
      }
      if (*got == 0) {
        fd.Reset();
        if (const std::string rest = lines.TakeRest(); !rest.empty()) {
          take(rest);
        }
        break;
      }
      total += *got;
      for (const std::string& line : lines.Feed({piece.data(), *got})) {
        take(line);
      }
    }
    return total;
  }
};

bool MakePair(UniqueFd& ours, UniqueFd& theirs) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return false;
  }
  ours = UniqueFd(ends[0]);
  theirs = UniqueFd(ends[1]);
  return ::fcntl(ours.get(), F_SETFL, O_NONBLOCK) == 0;
}

LineCutter LogLines() {
  return {kMaxLogLineBytes, LineCutter::TooLong::kCut};
}

}  // namespace

/// One run of the app, from Start() to Stop() or to its own end.
struct QemuApp::Running {
  explicit Running(const std::filesystem::path& app_log_file) : app_log(app_log_file) {}

  ChildProcess process;
  Channel console{LogLines()};                                              ///< QEMU's own words
  Channel launcher{LogLines()};                                             ///< UART0
  Channel log{LogLines()};                                                  ///< UART1
  Channel link{LineCutter(kMaxLinkLineBytes, LineCutter::TooLong::kDrop)};  ///< UART3
  AppLog app_log;
  EventQueue events;
  bool told_crash = false;
  SteadyClock::time_point second_began = SteadyClock::now();
  std::size_t bytes_this_second = 0;

  [[nodiscard]] std::size_t LogBudget() {
    const auto now = SteadyClock::now();
    if (now - second_began >= std::chrono::seconds(1)) {
      second_began = now;
      bytes_this_second = 0;
    }
    return kLogBytesPerSecond - std::min(kLogBytesPerSecond, bytes_this_second);
  }
};

Expected<std::filesystem::path> FindQemu(const std::string& name) {
  std::vector<std::filesystem::path> candidates;
  if (name.find('/') != std::string::npos) {
    candidates.emplace_back(name);
  } else if (const char* path = std::getenv("PATH")) {  // NOLINT(concurrency-mt-unsafe)
    std::string_view rest(path);
    while (!rest.empty()) {
      const std::size_t end = rest.find(':');
      candidates.emplace_back(std::filesystem::path(rest.substr(0, end)) / name);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }
  for (const auto& candidate : candidates) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(candidate, ignored) &&
        ::access(candidate.c_str(), X_OK) == 0) {
      return std::filesystem::absolute(candidate, ignored);
    }
  }
  return Failure{Fail(Code::kNotFound, Op::kStartApp),
                 "the emulator " + name +
                     " is not there; install it (apt-get install qemu-system-arm) or name it with "
                     "--qemu PROG"};
}

QemuApp::QemuApp(QemuAppOptions options, Log& log) : options_(std::move(options)), log_(log) {}

QemuApp::~QemuApp() = default;

std::vector<std::string> QemuApp::Arguments() const {
  std::vector<std::string> arguments = {"-M",
                                        "mps2-an505",
                                        "-nodefaults",
                                        "-no-user-config",
                                        "-display",
                                        "none",
                                        "-monitor",
                                        "none",
                                        "-no-reboot"};
  const auto add = [&arguments](std::string option, std::string value) {
    arguments.push_back(std::move(option));
    arguments.push_back(std::move(value));
  };
  add("-sandbox", std::string(kSandbox));
  add("-kernel", options_.launcher.string());
  add("-device",
      "loader,file=" + Escaped(options_.internal_flash) + ",addr=0x10200000,force-raw=on");
  for (const auto& [id, fd] :
       {std::pair{"uart0", kLauncherFd}, {"uart1", kLogFd}, {"uart3", kLinkFd}}) {
    add("-chardev", "socket,id=" + std::string(id) + ",fd=" + std::to_string(fd));
  }
  add("-serial", "chardev:uart0");
  add("-serial", "chardev:uart1");
  add("-serial", "null");
  add("-serial", "chardev:uart3");
  return arguments;
}

Status QemuApp::Start() {
  STRATA_TRY(Stop());
  auto running = std::make_unique<Running>(options_.app_log);
  UniqueFd console;
  UniqueFd launcher;
  UniqueFd log;
  UniqueFd link;
  if (!MakePair(running->console.fd, console) || !MakePair(running->launcher.fd, launcher) ||
      !MakePair(running->log.fd, log) || !MakePair(running->link.fd, link)) {
    return Fail(Code::kAppStartFailed, Op::kStartApp, static_cast<std::uint32_t>(errno));
  }
  const std::array<int, 5> fds = {
      console.get(), console.get(), launcher.get(), log.get(), link.get()};
  STRATA_TRY(running->process.Start(options_.qemu.string(), Arguments(), fds));
  running_ = std::move(running);
  return {};
}

Status QemuApp::Stop() {
  if (!running_) {
    return {};
  }
  STRATA_TRY(running_->process.Kill());
  DrainLog(*running_, kLogBytesPerSecond);
  running_.reset();
  return {};
}

void QemuApp::WriteAppLine(const std::string& line) {
  log_.Line("app: " + line);
  running_->app_log.Append(line);
  Tell(line);
}

void QemuApp::Tell(const std::string& line) const {
  if (options_.on_line) {
    options_.on_line(line);
  }
}

void QemuApp::DrainLog(Running& running, std::size_t limit_bytes) {
  const auto launcher_line = [this](const std::string& line) {
    log_.Line("launcher: " + line);
    if (line.starts_with("fault")) {
      Tell(line);
    }
  };
  running.launcher.Drain(kPieceBytes, launcher_line);
  running.console.Drain(kPieceBytes, [this](const std::string& line) {
    // The board's network chip stays without a network on purpose.
    if (line.find("has no peer") == std::string::npos) {
      log_.Line("qemu: " + line);
    }
  });
  running.bytes_this_second +=
      running.log.Drain(limit_bytes, [this](const std::string& line) { WriteAppLine(line); });
}

void QemuApp::DrainLink(Running& running) {
  const auto take = [&running](const std::string& line) { running.events.Push(EventOf(line)); };
  running.link.Drain(kPieceBytes, take);
}

void QemuApp::Pump() {
  if (!running_) {
    return;
  }
  DrainLog(*running_, running_->LogBudget());
  DrainLink(*running_);
}

ports::AppEvent QemuApp::TakeEvent() {
  if (!running_) {
    return ports::AppEvent::kNone;
  }
  const bool ended = !running_->process.IsRunning();
  Pump();
  if (const auto event = running_->events.Pop(); event != ports::AppEvent::kNone) {
    return event;
  }
  if (!ended || running_->told_crash) {
    return ports::AppEvent::kNone;
  }
  running_->told_crash = true;
  return ports::AppEvent::kCrashed;
}

void QemuApp::NotifyUpdateDownloaded() {
  constexpr std::string_view kLine = "update-downloaded\n";
  if (running_ && running_->link.fd.valid() &&
      ::send(running_->link.fd.get(), kLine.data(), kLine.size(), MSG_NOSIGNAL | MSG_DONTWAIT) <
          0) {
    log_.Line("the app does not take that an update is staged");
  }
}

void QemuApp::PrepareWait(std::vector<int>& fds, std::chrono::milliseconds& timeout) {
  if (!running_) {
    return;
  }
  const bool log_may_flow = running_->LogBudget() > 0;
  for (const Channel* channel : {&running_->console, &running_->launcher, &running_->link}) {
    if (channel->fd.valid()) {
      fds.push_back(channel->fd.get());
    }
  }
  if (running_->log.fd.valid() && log_may_flow) {
    fds.push_back(running_->log.fd.get());
  }
  if (!running_->link.fd.valid() && !running_->told_crash) {
    timeout = std::min(timeout, kReapPause);
  }
  if (!log_may_flow) {
    timeout = std::min(timeout, std::chrono::milliseconds(100));
  }
}

}  // namespace strata::device
