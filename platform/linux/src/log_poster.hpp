// SPDX-License-Identifier: Apache-2.0
/// LogPoster: brings the application's lines and the engine's words to the cloud while they are
/// wanted. Role: decides what is kept and when a batch goes; does not talk to the cloud itself
/// (`Send`, `Answer`). Never waits: an update goes on beside it, and lines are dropped rather than
/// stored up (log_ring.hpp). Context: single thread. Security: what the app says leaves the device
/// only while its logging is enabled. Reference: docs/spec/wire.md "Logs".
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/core/result.hpp"
#include "strata/core/sid.hpp"
#include "strata/engine/engine.hpp"

#include "log_ring.hpp"

namespace strata::device {

class LogPoster {
 public:
  using SteadyTime = LogRing::SteadyTime;
  /// Begins to send a batch, which is copied; false: it can't at present.
  using Send = std::function<bool(ByteSpan batch)>;
  /// What became of the batch that Send took; nullopt: nothing yet.
  using Answer = std::function<std::optional<Status>()>;

  static constexpr std::chrono::milliseconds kSpacing{1'000};
  static constexpr std::chrono::milliseconds kFirstPause{2'000};
  static constexpr std::chrono::milliseconds kLongestPause{60'000};

  explicit LogPoster(const DeviceSid& device);

  /// A line of the app.
  void AddAppLine(std::string_view line, SteadyTime now);
  void AddState(engine::State state, const Error& error, SteadyTime now);
  /// Why the cloud does not answer; empty: it answers again.
  void AddConnection(std::string_view words, SteadyTime now);

  /// What the desired state says; nullopt: none has come yet. Until then lines are kept and not
  /// sent; unwanted ones go.
  void SetWanted(std::optional<bool> wanted, SteadyTime now);

  /// Takes an answer, begins a batch when it is time.
  void Step(const Send& send, const Answer& answer, SteadyTime now);

  /// How long Step() has nothing to do.
  [[nodiscard]] std::chrono::milliseconds Wait(SteadyTime now) const;

 private:
  void Add(wire::LogKind kind, std::string_view text, SteadyTime now);

  std::string established_;
  LogRing ring_;
  std::optional<bool> wanted_;
  bool on_way_ = false;
  SteadyTime not_before_{};
  std::chrono::milliseconds pause_{kFirstPause};
  std::vector<std::uint8_t> batch_;
};

/// The original's word for a state where it had one, else its name: "INSTALLING_APP",
/// "FETCHING_LAYERS"; with an error "FAILED: LayerHashMismatch, code 300".
[[nodiscard]] std::string LogWords(engine::State state, const Error& error);

}  // namespace strata::device
