// SPDX-License-Identifier: Apache-2.0
#include "support/context.hpp"

#include <iostream>
#include <thread>

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "support/text.hpp"

extern char** environ;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): POSIX

namespace strata::cli {
namespace {

/// Switches the terminal's echo off while it lives.
class NoEcho {
 public:
  explicit NoEcho(bool wanted) : active_(wanted && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (active_) {
      termios quiet = before_;
      quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
  }

  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

  ~NoEcho() {
    if (active_) {
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
  }

 private:
  termios before_{};
  bool active_;
};

}  // namespace

Environment Environment::OfProcess() {
  std::map<std::string, std::string> values;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) {
      values.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return Environment(std::move(values));
}

std::optional<std::string> Environment::Get(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) {
    return std::nullopt;
  }
  return found->second;
}

namespace {

std::size_t ColumnsOf(int terminal) {
  constexpr std::size_t kUsual = 80;

  struct winsize size {};

  const bool known = ::ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsual;
}

}  // namespace

Context ProcessContext() {
  return Context{.in = std::cin,
                 .out = std::cout,
                 .err = std::cerr,
                 .in_is_tty = ::isatty(STDIN_FILENO) == 1,
                 .err_is_tty = ::isatty(STDERR_FILENO) == 1,
                 .err_columns = ColumnsOf(STDERR_FILENO),
                 .env = Environment::OfProcess(),
                 .make_client = MakeCurlClient,
                 .sleep = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); },
                 .now = [] { return std::chrono::steady_clock::now(); },
                 .wall_now = std::chrono::system_clock::now,
                 .run_program = RunProgram};
}

Expected<std::string> Ask(Context& context, const std::string& what, bool secret) {
  if (context.in_is_tty) {
    context.err << what << ": " << std::flush;
  }
  std::string line;
  {
    const NoEcho quiet(secret && context.in_is_tty);
    std::getline(context.in, line);
  }
  if (context.in_is_tty && secret) {
    context.err << '\n';
  }
  const std::string answer(Trim(line));
  if (answer.empty()) {
    return Local(Code::kInvalidArgument,
                 what + ": nothing was given on standard input",
                 "type it at the prompt or pipe it in");
  }
  return answer;
}

}  // namespace strata::cli
