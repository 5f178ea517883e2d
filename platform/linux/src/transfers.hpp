// SPDX-License-Identifier: Apache-2.0
/// Transfers: the HTTP conversations of a device, on one libcurl multi handle: the long poll for
/// the desired state and batches of log lines in the background, and one request at a time that the
/// caller waits for.
/// Role: carries out and judges answers by status, length and range; what they mean is CurlCloud's
/// and the engine's.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <random>
#include <string>

#include <curl/curl.h>

#include "strata/format/wire/wire.hpp"
#include "strata/platform/linux/curl_cloud.hpp"

#include "exchange.hpp"

namespace strata::device {

class CurlCloud::Transfers {
 public:
  explicit Transfers(const CurlCloudOptions& options);
  ~Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  /// False when libcurl gave no handles.
  [[nodiscard]] bool usable() const;

  /// Moves everything that can be moved without waiting; starts the poll when it is due.
  void Drive();

  /// A desired state that was not taken yet: its size (bytes in `out`), 0 for none, or the one
  /// report of a failure.
  Result<std::size_t> TakeDesired(MutableByteSpan out);

  /// Drops what the poll knows; it asks anew.
  void RestartPoll();

  /// False: no poll and no open connection until it is true again; then the poll asks at once.
  void SetConnected(bool connected);

  /// The blocking exchange, made ready by Begin().
  Exchange& Begin(Op op, const std::string& path, long wanted_status, MutableByteSpan sink);

  /// Waits for its end; also runs the poll meanwhile.
  Status Finish();

  /// Begins to post a batch of log lines, which is copied. False: one is on its way, or no
  /// connection is wanted.
  bool StartLogs(ByteSpan batch);
  /// What became of it, once; nullopt: nothing yet.
  std::optional<Status> TakeLogsAnswer();

  /// What the last desired state that came says.
  [[nodiscard]] std::optional<bool> logging_enabled() const { return logging_enabled_; }

  void SetPost(ByteSpan body, const std::string& type);
  void SetRange(const RangeRequest& range);

  void Wait(std::span<const int> fds, std::chrono::milliseconds timeout);

  [[nodiscard]] bool connected() const { return connected_; }

  /// Whether the last poll was answered with 403.
  [[nodiscard]] bool refused() const { return refused_; }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  void ReadMessages();
  void EndLogs(const Status& status);
  void StartPoll();
  void ForgetPoll();
  void FinishPoll();
  void PollFailed(const Error& error);
  void TellConnection(const std::string& words);
  [[nodiscard]] std::chrono::milliseconds NextBackOff();

  const CurlCloudOptions& options_;
  CURLM* multi_;
  Exchange request_;
  Exchange poll_;
  Exchange logs_;
  bool posting_ = false;
  std::optional<Status> posted_;
  std::optional<bool> logging_enabled_;

  std::array<std::uint8_t, wire::kMaxDesiredStateBytes> poll_body_{};
  bool connected_ = true;
  bool polling_ = false;
  bool refused_ = false;
  SteadyTime poll_started_{};
  SteadyTime poll_not_before_{};
  std::string etag_;
  std::optional<std::size_t> desired_bytes_;
  std::array<std::uint8_t, wire::kMaxDesiredStateBytes> desired_{};
  std::optional<Error> poll_failure_;
  unsigned failures_ = 0;
  std::string told_;
  std::minstd_rand jitter_;
};

}  // namespace strata::device
