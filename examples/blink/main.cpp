// SPDX-License-Identifier: Apache-2.0
/// blink: proves its tables, then logs a heartbeat every half second and tells the engine that it
/// works.
#include "assets.hpp"
#include "board.hpp"

namespace {

constexpr std::uint32_t kHeartbeatMs = 500;

void LogName() {
  board::Log("blink ");
  board::LogNumber(BLINK_VERSION);
}

bool TablesAreWhole() {
  return SumOf(blink::kCurve) == blink::kCurve.sum && SumOf(blink::kPattern) == blink::kPattern.sum;
}

/// This beat's place on the version's own pattern, through the shared curve.
std::uint32_t Brightness(std::uint32_t beat) {
  const std::uint16_t step = blink::kPattern.steps[beat * 64 % blink::kPatternSteps];
  return blink::kCurve.steps[step % blink::kCurveSteps];
}

void Beat(std::uint32_t beat) {
  LogName();
  board::Log(" heartbeat ");
  board::LogNumber(beat);
  board::Log("\n");
}

void LogPattern() {
  LogName();
  board::Log(" pattern ");
  board::Log(blink::kPatternName);
  board::Log(" from ");
  board::LogNumber(Brightness(0));
  board::Log(" to ");
  board::LogNumber(Brightness(4));
  board::Log("\n");
}

void HearEngine() {
  if (board::Hear() == "update-downloaded") {
    LogName();
    board::Log(" update downloaded\n");
  }
}

}  // namespace

void RunApp() {
  board::Start();
  LogName();
  board::Log(" started\n");
  const bool whole = TablesAreWhole();
  if (whole) {
    LogPattern();
  } else {
    // Without ready, the engine goes back to the app before.
    LogName();
    board::Log(" tables damaged\n");
  }
  std::uint32_t beat = 0;
  for (;;) {
    if (board::UptimeMs() / kHeartbeatMs > beat) {
      Beat(++beat);
      if (beat == 1 && whole) {
        board::Tell("ready");
      }
    }
    HearEngine();
    board::Sleep();
  }
}
