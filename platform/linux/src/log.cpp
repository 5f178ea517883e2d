// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/linux/log.hpp"

#include <array>
#include <cerrno>

#include <unistd.h>

#include "strata/core/error_text.hpp"

namespace strata::device {

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

void Log::Line(std::string_view text) {
  std::string line = IsoTime(std::time(nullptr)) + " " + Printable(text) + "\n";
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
