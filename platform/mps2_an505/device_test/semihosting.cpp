// SPDX-License-Identifier: Apache-2.0
#include "semihosting.hpp"

#include <array>

namespace strata::device_test {
namespace {

constexpr std::uint32_t kWriteText = 0x04;
constexpr std::uint32_t kExitExtended = 0x20;
constexpr std::uint32_t kApplicationExit = 0x20026;

void Call(std::uint32_t operation, const void* argument) {
  register std::uint32_t r0 asm("r0") = operation;
  register const void* r1 asm("r1") = argument;
  asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

}  // namespace

void Print(const char* text) {
  Call(kWriteText, text);
}

void Exit(std::uint32_t status) {
  const std::array<std::uint32_t, 2> block = {kApplicationExit, status};
  for (;;) {
    Call(kExitExtended, block.data());
  }
}

}  // namespace strata::device_test
