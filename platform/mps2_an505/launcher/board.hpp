// SPDX-License-Identifier: Apache-2.0
/// Registers of the AN505 board and of the Cortex-M33 that the secure launcher touches, by their
/// secure addresses. Role: names and addresses; the order of writes is launcher.cpp's. Reference:
/// Arm AN505 (memory map, MPC, PPC), Armv8-M Architecture Reference Manual (SAU, SCB).
#pragma once

#include <cstdint>

namespace strata::mps2_an505 {

inline volatile std::uint32_t& Register(std::uint32_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

// What the application has (docs/spec/app-link.md), non-secure addresses.
inline constexpr std::uint32_t kAppFlash = 0x0020'0000;
inline constexpr std::uint32_t kAppFlashBytes = 0x0020'0000;
inline constexpr std::uint32_t kAppRam = 0x2820'0000;
inline constexpr std::uint32_t kAppRamBytes = 0x0020'0000;
inline constexpr std::uint32_t kAppLogUart = 0x4020'1000;
inline constexpr std::uint32_t kAppLinkUart = 0x4020'3000;
inline constexpr std::uint32_t kUartBytes = 0x1000;

// CMSDK APB UART0, ours.
inline constexpr std::uint32_t kUartData = 0x5020'0000;
inline constexpr std::uint32_t kUartState = 0x5020'0004;
inline constexpr std::uint32_t kUartControl = 0x5020'0008;
inline constexpr std::uint32_t kUartDivider = 0x5020'0010;
inline constexpr std::uint32_t kUartStateTxFull = 1U << 0;
inline constexpr std::uint32_t kUartControlTxEnable = 1U << 0;
inline constexpr std::uint32_t kUartDividerLeast = 16;

// Secure privilege control block: peripheral protection of the APB expansion ports.
inline constexpr std::uint32_t kPpcApbExp1NonSecure = 0x5008'0084;
inline constexpr std::uint32_t kPpcUart1 = 1U << 6;
inline constexpr std::uint32_t kPpcUart3 = 1U << 8;
inline constexpr std::uint32_t kSecureResponse = 0x5008'0010;
inline constexpr std::uint32_t kSecureResponseBusError = 1;

// Memory protection controllers: one bit for each KiB, 32 of them in a word of the table.
inline constexpr std::uint32_t kMpcSsram0 = 0x5800'7000;
inline constexpr std::uint32_t kMpcSsram2 = 0x5800'9000;
inline constexpr std::uint32_t kMpcControl = 0x00;
inline constexpr std::uint32_t kMpcIndex = 0x18;
inline constexpr std::uint32_t kMpcTable = 0x1c;
inline constexpr std::uint32_t kMpcControlBusError = 1U << 4;
inline constexpr std::uint32_t kMpcControlAutoIncrement = 1U << 8;
inline constexpr std::uint32_t kMpcBytesInWord = 32 * 1024;

// Security attribution unit.
inline constexpr std::uint32_t kSauControl = 0xe000'edd0;
inline constexpr std::uint32_t kSauRegionNumber = 0xe000'edd8;
inline constexpr std::uint32_t kSauRegionBase = 0xe000'eddc;
inline constexpr std::uint32_t kSauRegionLimit = 0xe000'ede0;

// System control block; …NonSecure are the non-secure bank as the secure world sees it.
inline constexpr std::uint32_t kAircr = 0xe000'ed0c;
inline constexpr std::uint32_t kAircrKey = 0x05fa'0000;
inline constexpr std::uint32_t kAircrPrioritizeSecure = 1U << 14;
inline constexpr std::uint32_t kAircrResetRequest = 1U << 2;
inline constexpr std::uint32_t kShcsr = 0xe000'ed24;
inline constexpr std::uint32_t kShcsrAllFaults = 0x000f'0000;
inline constexpr std::uint32_t kCfsr = 0xe000'ed28;
inline constexpr std::uint32_t kHfsr = 0xe000'ed2c;
inline constexpr std::uint32_t kHfsrForced = 1U << 30;
inline constexpr std::uint32_t kSfsr = 0xe000'ede4;
inline constexpr std::uint32_t kVtorNonSecure = 0xe002'ed08;
inline constexpr std::uint32_t kCfsrNonSecure = 0xe002'ed28;

}  // namespace strata::mps2_an505
