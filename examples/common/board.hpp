// SPDX-License-Identifier: Apache-2.0
/// What an example application needs of the emulated board: a log, a link to the update engine,
/// time. Role: the smallest board support to copy from; no driver library. Single thread; only the
/// tick is an interrupt. Contract of the board and of the link's lines: docs/spec/app-link.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace board {

/// Starts the UARTs and the tick. Call it first.
void Start();

/// Milliseconds since Start(), a multiple of the tick's 10 ms; wraps after 49 days.
[[nodiscard]] std::uint32_t UptimeMs();

/// Sleeps until the next tick.
void Sleep();

/// Writes to the application's log. A line ends with '\n'.
void Log(std::string_view text);
void LogNumber(std::uint32_t value);

/// Sends one line to the engine, without its '\n': `ready`, `defer` or `apply-now`.
void Tell(std::string_view line);

/// One line from the engine without its '\n', or an empty view when none is complete.
/// The view is valid until the next call. Longer lines than the link allows (64 bytes) are dropped.
[[nodiscard]] std::string_view Hear();

}  // namespace board

/// The application itself, entered once the C++ runtime is set up.
[[noreturn]] void RunApp();
