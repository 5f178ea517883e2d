// SPDX-License-Identifier: Apache-2.0
/// Words to the host and an exit status, through the debugger's back door.
/// Role: for unit-test images only. An image that runs an application must never be started with
/// semihosting on. Reference: Arm, Semihosting for AArch32 and AArch64, SYS_WRITE0 and
/// SYS_EXIT_EXTENDED.
#pragma once

#include <cstdint>

namespace strata::device_test {

void Print(const char* text);

[[noreturn]] void Exit(std::uint32_t status);

}  // namespace strata::device_test
