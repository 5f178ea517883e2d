// SPDX-License-Identifier: Apache-2.0
/// polite: asks a staged update to wait, finishes its work for three seconds, then lets it in.
#include "board.hpp"

void RunApp() {
  constexpr std::uint32_t kHeartbeatMs = 500;
  constexpr std::uint32_t kWorkMs = 3000;
  board::Start();
  board::Log("polite started\n");
  std::uint32_t beat = 0;
  std::uint32_t asked_at_ms = 0;
  bool deferring = false;
  for (;;) {
    if (board::UptimeMs() / kHeartbeatMs > beat) {
      board::Log("polite heartbeat ");
      board::LogNumber(++beat);
      board::Log("\n");
      if (beat == 1) {
        board::Tell("ready");
      }
    }
    if (board::Hear() == "update-downloaded" && !deferring) {
      deferring = true;
      asked_at_ms = board::UptimeMs();
      board::Tell("defer");
      board::Log("polite defers the update\n");
    }
    if (deferring && board::UptimeMs() - asked_at_ms >= kWorkMs) {
      deferring = false;
      board::Tell("apply-now");
      board::Log("polite lets the update in\n");
    }
    board::Sleep();
  }
}
