// SPDX-License-Identifier: Apache-2.0
/// Metrics: what the listeners counted, as Prometheus reads it (text format 0.0.4). Role: counts
/// and writes; what the numbers of other parts are is told by whoever asks for the text. Context:
/// thread-safe. Security: holds no name, SID or address, only sums.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace strata::cloud::http {

/// Writes lines of the text format; each name's HELP and TYPE once, before its first value.
class MetricsText {
 public:
  void Begin(std::string_view name, std::string_view type, std::string_view help);
  /// `labels` as they stand between the braces; empty: none.
  void Value(std::string_view name, std::string_view labels, double value);
  void Value(std::string_view name, std::string_view labels, std::uint64_t value);

  /// Begin() and one value.
  void Gauge(std::string_view name, std::string_view help, std::uint64_t value);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// The name of a job or check as a label's value: quotes and backslashes escaped.
std::string Label(std::string_view name, std::string_view value);

/// What one listener counted.
class ListenerMetrics {
 public:
  explicit ListenerMetrics(std::string_view name) : name_(name) {}

  void Connected() { ++connections_; }

  void Disconnected() { --connections_; }

  void WaitBegan() { ++waiting_; }

  void WaitEnded() { --waiting_; }

  /// `took` of a poll that waited says nothing: callers leave it out of the times with `timed`.
  void Answered(int status, std::uint64_t sent_bytes, std::chrono::milliseconds took, bool timed);

  [[nodiscard]] std::string_view name() const { return name_; }

 private:
  friend class HttpMetrics;

  static constexpr std::array<std::uint32_t, 10> kBucketsMs = {
      1, 5, 10, 25, 50, 100, 250, 1000, 5000, 30'000};

  std::string_view name_;
  std::atomic<std::int64_t> connections_{0};
  std::atomic<std::int64_t> waiting_{0};
  std::array<std::atomic<std::uint64_t>, 6> by_class_{};  ///< 1xx … 5xx at their first digit
  std::array<std::atomic<std::uint64_t>, kBucketsMs.size() + 1> by_time_{};
  std::atomic<std::uint64_t> sent_bytes_{0};
  std::atomic<std::uint64_t> took_ms_{0};
};

class HttpMetrics {
 public:
  ListenerMetrics people{"people"};
  ListenerMetrics devices{"devices"};
  ListenerMetrics metrics{"metrics"};

  void Write(MetricsText& text) const;
};

/// Start, memory and descriptors of this process.
void WriteProcess(MetricsText& text);

}  // namespace strata::cloud::http
