// SPDX-License-Identifier: Apache-2.0
/// DeviceApp: the App port of a Linux device, with what its main loop needs besides.
/// NullApp: the app of a profile that has no emulator. It starts nothing and never crashes, so that
/// the survival rule confirms an update; an app whose trial demands `ready` can't be confirmed
/// there and is reverted.
#pragma once

#include <chrono>
#include <vector>

#include "strata/engine/ports/app.hpp"
#include "strata/platform/linux/log.hpp"

namespace strata::device {

class DeviceApp : public ports::App {
 public:
  /// Takes what the app said since the last call, without waiting; bounded work.
  virtual void Pump() = 0;

  /// Adds the descriptors whose readiness calls for Pump(), and shortens `timeout` if it wants to
  /// be called sooner.
  virtual void PrepareWait(std::vector<int>& fds, std::chrono::milliseconds& timeout) = 0;
};

class NullApp final : public DeviceApp {
 public:
  /// `log` outlives this.
  explicit NullApp(Log& log) : log_(log) {}

  Status Start() override;

  Status Stop() override { return {}; }

  [[nodiscard]] ports::AppEvent TakeEvent() override { return ports::AppEvent::kNone; }

  void NotifyUpdateDownloaded() override {}

  void Pump() override {}

  void PrepareWait(std::vector<int>&, std::chrono::milliseconds&) override {}

 private:
  Log& log_;
  bool told_ = false;
};

}  // namespace strata::device
