// SPDX-License-Identifier: Apache-2.0
/// The launcher's lines on UART0 and its one way to end.
/// Context: secure state; every handler runs above anything the application can mask.
#pragma once

namespace strata::mps2_an505 {

/// Readies UART0. Nothing may be printed before.
void StartConsole();

/// Prints `text` and a line feed.
void PrintLine(const char* text);

/// Prints `fault <text>` and resets the system, which ends QEMU when it runs with -no-reboot.
[[noreturn]] void EndWithFault(const char* text);

/// Entry of every fault and of every exception that nobody asked for: prints
/// `fault <kind> pc=<stacked pc> status=<fault status>` and resets the system.
/// The stacked pc is read only where the interrupted stack lies in the application's RAM, else it
/// is 00000000. Security: the application chooses its stack pointer and what lies there; both are
/// checked or only printed.
[[gnu::naked]] void FaultEntry();

}  // namespace strata::mps2_an505
