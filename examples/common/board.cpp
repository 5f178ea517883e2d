// SPDX-License-Identifier: Apache-2.0
#include "board.hpp"

#include <array>

namespace board {
namespace {

constexpr std::uint32_t kLogUart = 0x4020'1000;
constexpr std::uint32_t kLinkUart = 0x4020'3000;
constexpr std::uint32_t kData = 0x00;
constexpr std::uint32_t kState = 0x04;
constexpr std::uint32_t kControl = 0x08;
constexpr std::uint32_t kDivider = 0x10;
constexpr std::uint32_t kStateTxFull = 1U << 0;
constexpr std::uint32_t kStateRxFull = 1U << 1;
constexpr std::uint32_t kControlTx = 1U << 0;
constexpr std::uint32_t kControlRx = 1U << 1;
constexpr std::uint32_t kLeastDivider = 16;

constexpr std::uint32_t kSysTickControl = 0xe000'e010;
constexpr std::uint32_t kSysTickReload = 0xe000'e014;
constexpr std::uint32_t kSysTickValue = 0xe000'e018;
constexpr std::uint32_t kSysTickRun = 7;  // CPU clock, interrupt, on
constexpr std::uint32_t kClockHz = 20'000'000;
constexpr std::uint32_t kTickMs = 10;

constexpr std::size_t kLineBytes = 64;

volatile std::uint32_t uptime_ms = 0;

struct Line {
  std::array<char, kLineBytes> bytes{};
  std::size_t size = 0;
  bool dropping = false;
};

Line incoming;

volatile std::uint32_t& Register(std::uint32_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

void Write(std::uint32_t uart, std::string_view text) {
  for (const char c : text) {
    while ((Register(uart + kState) & kStateTxFull) != 0) {
    }
    Register(uart + kData) = static_cast<std::uint8_t>(c);
  }
}

void StartUart(std::uint32_t uart, std::uint32_t control) {
  Register(uart + kDivider) = kLeastDivider;
  Register(uart + kControl) = control;
}

}  // namespace

void Start() {
  StartUart(kLogUart, kControlTx);
  StartUart(kLinkUart, kControlTx | kControlRx);
  Register(kSysTickReload) = kClockHz / 1000 * kTickMs - 1;
  Register(kSysTickValue) = 0;
  Register(kSysTickControl) = kSysTickRun;
}

std::uint32_t UptimeMs() {
  return uptime_ms;
}

void Sleep() {
  asm volatile("wfi" ::: "memory");
}

void Log(std::string_view text) {
  Write(kLogUart, text);
}

void LogNumber(std::uint32_t value) {
  std::array<char, 10> digits{};
  std::size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  Log({digits.data() + at, digits.size() - at});
}

void Tell(std::string_view line) {
  Write(kLinkUart, line);
  Write(kLinkUart, "\n");
}

std::string_view Hear() {
  while ((Register(kLinkUart + kState) & kStateRxFull) != 0) {
    const char c = static_cast<char>(Register(kLinkUart + kData));
    if (c != '\n') {
      incoming.dropping = incoming.dropping || incoming.size == kLineBytes;
      if (!incoming.dropping) {
        incoming.bytes[incoming.size++] = c;
      }
      continue;
    }
    const std::size_t size = incoming.dropping ? 0 : incoming.size;
    incoming.size = 0;
    incoming.dropping = false;
    if (size != 0) {
      return {incoming.bytes.data(), size};
    }
  }
  return {};
}

}  // namespace board

extern "C" void SysTickHandler();

void SysTickHandler() {
  board::uptime_ms = board::uptime_ms + board::kTickMs;
}
