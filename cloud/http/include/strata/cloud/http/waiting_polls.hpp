// SPDX-License-Identifier: Apache-2.0
/// WaitingPolls: which waiting requests belong to which device, in this process.
/// Role: the Signals of a one-node cloud; wakes, never answers; who follows something live is in
/// streams(). Does not know sockets.
/// Context: thread-safe; callbacks run under its lock and must only post elsewhere.
/// Reference: docs/spec/wire.md, `GET /device/v1/desired`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "strata/cloud/domain/signals.hpp"
#include "strata/cloud/http/live_streams.hpp"
#include "strata/core/sid.hpp"

namespace strata::cloud {

class WaitingPolls final : public Signals {
 public:
  enum class Reason : std::uint8_t {
    kChanged,  ///< read the desired state again
    kGiveUp,   ///< answer now: replaced by newer requests of the device, or the server stops
  };
  using Wake = std::function<void(Reason)>;

  /// One device waits at most this often; a further request makes the oldest give up.
  static constexpr std::size_t kPerDevice = 2;

  void DesiredStateChanged(const DeviceSid& device) override;
  void KeysChanged(const AccountSid& account) override;
  void LogsArrived(const DeviceSid& device) override;
  void EventsArrived(const AccountSid& account) override;
  void AccessChanged(const AccountSid& account) override;

  /// Told of events besides the streams; from any thread, must not block. Before anything else.
  void SetOnEvents(std::function<void()> on_events) { on_events_ = std::move(on_events); }

  /// `wake` may be called any number of times until Unregister() returns; never after it.
  [[nodiscard]] std::uint64_t Register(const AccountSid& account,
                                       const DeviceSid& device,
                                       Wake wake);
  void Unregister(const DeviceSid& device, std::uint64_t ticket);

  /// Every waiting request and every stream, and every later one, gives up.
  void Stop();

  [[nodiscard]] LiveStreams& streams() { return streams_; }

  [[nodiscard]] std::size_t size() const;

 private:
  struct OfDevice {
    AccountSid account;
    std::map<std::uint64_t, Wake> wakes{};  ///< tickets grow, so the first one is the oldest
  };

  mutable std::mutex mutex_;
  std::map<DeviceSid, OfDevice> waiting_;
  std::uint64_t last_ticket_ = 0;
  bool stopped_ = false;
  LiveStreams streams_;
  std::function<void()> on_events_;
};

}  // namespace strata::cloud
