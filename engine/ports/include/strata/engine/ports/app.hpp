// SPDX-License-Identifier: Apache-2.0
/// App: the application that runs beside the engine, as far as the engine may know it.
/// Context: single caller; no function waits for the app.
#pragma once

#include <cstdint>

#include "strata/core/result.hpp"

namespace strata::ports {

/// What the app did since the last question, oldest first.
enum class AppEvent : std::uint8_t {
  kNone,
  kReady,     ///< says that it works (trial policy: ready required)
  kDefer,     ///< takes an earlier kApplyNow back: the staged update waits (up to the maximum)
  kApplyNow,  ///< asks for the staged update at once
  kCrashed,   ///< it ended by itself; detail of nothing
};

class App {
 public:
  virtual ~App() = default;
  App() = default;
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Starts what the internal flash holds. OK means that it was started, not that it works.
  /// * kAppStartFailed: it could not be started; nothing runs.
  virtual Status Start() = 0;

  /// Stops it for good: after OK it executes nothing and holds no medium open. OK also if none ran.
  /// * kInternal: it may still run; the engine must not write.
  virtual Status Stop() = 0;

  [[nodiscard]] virtual AppEvent TakeEvent() = 0;

  /// Tells the app that an update is staged and waits for it (page: politeness). Best effort.
  virtual void NotifyUpdateDownloaded() = 0;
};

}  // namespace strata::ports
