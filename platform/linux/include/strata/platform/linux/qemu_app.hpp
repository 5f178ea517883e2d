// SPDX-License-Identifier: Apache-2.0
/// QemuApp: the App port on the emulated board: runs what the internal flash file holds in QEMU,
/// through the secure launcher. Role: starts, stops, listens; decides nothing. The flash file is
/// read by QEMU at its start only. Context: single thread; nothing waits for the app. An app that
/// talks more than kLogBytesPerSecond waits at its UART. Security: the app is hostile. QEMU gets no
/// network, no host files but the two it starts from, no semihosting, no shell, and dies with this
/// process. What the app says is cut into short printable lines. Reference: docs/spec/app-link.md.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "strata/platform/linux/device_app.hpp"
#include "strata/platform/linux/expected.hpp"

namespace strata::device {

struct QemuAppOptions {
  std::filesystem::path qemu;  ///< the program, as FindQemu gave it
  std::filesystem::path launcher;
  std::filesystem::path internal_flash;
  std::filesystem::path app_log;
  /// Told each line of the app as it said it, and the launcher's word on its fault.
  std::function<void(std::string_view)> on_line{};
};

/// The emulator to use: `name` as a path, or looked up in PATH when it has no slash.
/// * kNotFound: the message says what to install.
Expected<std::filesystem::path> FindQemu(const std::string& name);

class QemuApp final : public DeviceApp {
 public:
  static constexpr std::size_t kLogBytesPerSecond = 64 * 1024;

  /// `log` outlives this.
  QemuApp(QemuAppOptions options, Log& log);
  ~QemuApp() override;

  Status Start() override;
  Status Stop() override;
  [[nodiscard]] ports::AppEvent TakeEvent() override;
  void NotifyUpdateDownloaded() override;
  void Pump() override;
  void PrepareWait(std::vector<int>& fds, std::chrono::milliseconds& timeout) override;

 private:
  struct Running;

  [[nodiscard]] std::vector<std::string> Arguments() const;
  void DrainLog(Running& running, std::size_t limit_bytes);
  void DrainLink(Running& running);
  void WriteAppLine(const std::string& line);
  void Tell(const std::string& line) const;

  QemuAppOptions options_;
  Log& log_;
  std::unique_ptr<Running> running_;
};

}  // namespace strata::device
