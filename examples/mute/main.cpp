// SPDX-License-Identifier: Apache-2.0
/// mute: runs, but never tells the engine that it is ready, so a trial that requires it expires.
#include "board.hpp"

void RunApp() {
  constexpr std::uint32_t kHeartbeatMs = 500;
  board::Start();
  board::Log("mute started\n");
  std::uint32_t beat = 0;
  for (;;) {
    if (board::UptimeMs() / kHeartbeatMs > beat) {
      board::Log("mute heartbeat ");
      board::LogNumber(++beat);
      board::Log("\n");
    }
    board::Sleep();
  }
}
