// SPDX-License-Identifier: Apache-2.0
#include "fault.hpp"

#include <cstdint>

#include "board.hpp"

namespace strata::mps2_an505 {
namespace {

enum Exception : std::uint32_t {
  kHardFault = 3,
  kMemoryFault = 4,
  kBusFault = 5,
  kUsageFault = 6,
  kSecureFault = 7,
};

constexpr std::uint32_t kReturnToSecureStack = 1U << 6;
constexpr std::uint32_t kReturnToProcessStack = 1U << 2;
constexpr std::uint32_t kFrameBytes = 32;
constexpr std::uint32_t kPcOffset = 24;
// A console that takes nothing must not keep a dead app's QEMU alive.
constexpr std::uint32_t kConsolePatience = 10'000'000;

struct Cause {
  const char* kind;
  std::uint32_t status;
};

void PrintChar(char c) {
  for (std::uint32_t i = 0; i < kConsolePatience; ++i) {
    if ((Register(kUartState) & kUartStateTxFull) == 0) {
      Register(kUartData) = static_cast<std::uint8_t>(c);
      return;
    }
  }
}

void Print(const char* text) {
  while (*text != '\0') {
    PrintChar(*text++);
  }
}

void PrintHex(std::uint32_t value) {
  for (int shift = 28; shift >= 0; shift -= 4) {
    const std::uint32_t digit = (value >> shift) & 0xf;
    PrintChar(static_cast<char>(digit < 10 ? '0' + digit : 'a' + digit - 10));
  }
}

[[noreturn]] void EndQemu() {
  for (std::uint32_t i = 0; i < kConsolePatience && (Register(kUartState) & kUartStateTxFull) != 0;
       ++i) {
  }
  Register(kAircr) = kAircrKey | kAircrPrioritizeSecure | kAircrResetRequest;
  for (;;) {
    asm volatile("wfi");
  }
}

Cause FindCause(std::uint32_t exception) {
  switch (exception) {
    case kMemoryFault:
      return {"memory", Register(kCfsr)};
    case kBusFault:
      return {"bus", Register(kCfsr)};
    case kUsageFault:
      return {"usage", Register(kCfsr)};
    case kSecureFault:
      return {"secure access", Register(kSfsr)};
    case kHardFault:
      break;
    default:
      return {"unexpected exception", exception};
  }
  // The app's own usage and memory faults arrive here, escalated; their reason stands in its bank.
  const std::uint32_t status = Register(kCfsrNonSecure);
  if ((status >> 16) != 0) {
    return {"usage", status};
  }
  if ((status & 0xff) != 0) {
    return {"memory", status};
  }
  // QEMU 7.2 sets neither DEBUGEVT nor DFSR; a breakpoint is what escalates without any other
  // reason.
  const std::uint32_t hard_status = Register(kHfsr);
  return {(hard_status & kHfsrForced) != 0 ? "breakpoint" : "hard", hard_status};
}

std::uint32_t StackedPc(std::uint32_t exception_return) {
  if ((exception_return & kReturnToSecureStack) != 0) {
    return 0;
  }
  std::uint32_t stack = 0;
  if ((exception_return & kReturnToProcessStack) != 0) {
    asm volatile("mrs %0, psp_ns" : "=r"(stack));
  } else {
    asm volatile("mrs %0, msp_ns" : "=r"(stack));
  }
  const bool readable =
      stack % 4 == 0 && stack >= kAppRam && stack - kAppRam <= kAppRamBytes - kFrameBytes;
  return readable ? Register(stack + kPcOffset) : 0;
}

extern "C" [[noreturn, gnu::used]] void ReportFault(std::uint32_t exception_return) {
  std::uint32_t exception = 0;
  asm volatile("mrs %0, ipsr" : "=r"(exception));
  const Cause cause = FindCause(exception);
  Print("fault ");
  Print(cause.kind);
  Print(" pc=");
  PrintHex(StackedPc(exception_return));
  Print(" status=");
  PrintHex(cause.status);
  PrintChar('\n');
  EndQemu();
}

}  // namespace

void StartConsole() {
  Register(kUartDivider) = kUartDividerLeast;
  Register(kUartControl) = kUartControlTxEnable;
}

void PrintLine(const char* text) {
  Print(text);
  PrintChar('\n');
}

void EndWithFault(const char* text) {
  Print("fault ");
  PrintLine(text);
  EndQemu();
}

void FaultEntry() {
  asm volatile("mov r0, lr\n b ReportFault");
}

}  // namespace strata::mps2_an505
