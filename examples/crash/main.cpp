// SPDX-License-Identifier: Apache-2.0
/// crash: starts, works for 300 ms, then reads an address that is not its own. Never ready.
#include "board.hpp"

void RunApp() {
  constexpr std::uint32_t kLifeMs = 300;
  constexpr std::uint32_t kSecureCode = 0x1000'0000;
  board::Start();
  board::Log("crash started\n");
  while (board::UptimeMs() < kLifeMs) {
    board::Sleep();
  }
  board::Log("crash reads secure memory\n");
  const std::uint32_t word = *reinterpret_cast<const volatile std::uint32_t*>(kSecureCode);
  board::Log("crash still runs: ");
  board::LogNumber(word);
  board::Log("\n");
  for (;;) {
    board::Sleep();
  }
}
