// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/linux/log.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <unistd.h>

#include "strata/core/error_text.hpp"

namespace strata::device {
namespace {

constexpr int kPatienceMs = 100;
// With its time a line stays below PIPE_BUF, so a pipe that is ready takes it whole.
constexpr std::size_t kMaxLineBytes = 2048;

}  // namespace

std::string IsoTime(std::time_t time) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), length};
}

std::string Printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c < ' ' || c > '~') {
      c = '.';
    }
  }
  return out;
}

std::string Describe(const Error& error) {
  const ErrorText& text = TextOf(error.code);
  std::string out;
  if (const std::string_view op = TextOf(error.op); !op.empty()) {
    out.append(op).append(": ");
  }
  out.append(text.what).append(" (").append(text.name);
  out.append(", code ").append(std::to_string(static_cast<unsigned>(error.code)));
  if (error.detail != 0) {
    out.append(", detail ").append(std::to_string(error.detail));
  }
  return out.append("); ").append(text.next_step);
}

bool Log::MayWrite() {
  pollfd out{fd_, POLLOUT, 0};
  // Once stuck, no further line waits: an update matters more than its log.
  const bool ready = ::poll(&out, 1, stuck_ ? 0 : kPatienceMs) == 1;
  stuck_ = !ready;
  return ready;
}

void Log::Line(std::string_view text) {
  const std::string line =
      IsoTime(std::time(nullptr)) + " " + Printable(text.substr(0, kMaxLineBytes)) + "\n";
  if (!MayWrite()) {
    return;
  }
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace strata::device
