// SPDX-License-Identifier: Apache-2.0
#include "metrics.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include <unistd.h>

namespace strata::cloud::http {
namespace {

const std::time_t kStarted = std::time(nullptr);

/// nullopt: nobody can tell, as when there is no descriptor left to look with.
std::optional<std::uint64_t> CountDescriptors() {
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  std::uint64_t count = 0;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    ++count;
  }
  return error || count == 0 ? std::nullopt : std::optional(count - 1);  // the directory itself
}

std::uint64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t AtLeastZero(std::int64_t value) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
}

}  // namespace

void MetricsText::Begin(std::string_view name, std::string_view type, std::string_view help) {
  text_ += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " +
           std::string(name) + " " + std::string(type) + "\n";
}

void MetricsText::Value(std::string_view name, std::string_view labels, double value) {
  std::array<char, 32> number{};
  std::snprintf(number.data(), number.size(), "%.3f", value);
  text_ += name;
  text_ += labels.empty() ? "" : "{" + std::string(labels) + "}";
  text_ += " " + std::string(number.data()) + "\n";
}

void MetricsText::Value(std::string_view name, std::string_view labels, std::uint64_t value) {
  text_ += name;
  text_ += labels.empty() ? "" : "{" + std::string(labels) + "}";
  text_ += " " + std::to_string(value) + "\n";
}

void MetricsText::Gauge(std::string_view name, std::string_view help, std::uint64_t value) {
  Begin(name, "gauge", help);
  Value(name, {}, value);
}

std::string Label(std::string_view name, std::string_view value) {
  std::string text = std::string(name) + "=\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      text += '\\';
    }
    text += c == '\n' ? ' ' : c;
  }
  return text + "\"";
}

void ListenerMetrics::Answered(int status,
                               std::uint64_t sent_bytes,
                               std::chrono::milliseconds took,
                               bool timed) {
  ++by_class_.at(static_cast<std::size_t>(std::clamp(status / 100, 1, 5)));
  sent_bytes_ += sent_bytes;
  if (!timed) {
    return;
  }
  const auto took_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
  const auto bucket = std::lower_bound(kBucketsMs.begin(), kBucketsMs.end(), took_ms);
  ++by_time_.at(static_cast<std::size_t>(bucket - kBucketsMs.begin()));
  took_ms_ += took_ms;
}

void HttpMetrics::Write(MetricsText& text) const {
  const std::array<const ListenerMetrics*, 3> all = {&people, &devices, &metrics};
  text.Begin("strata_http_requests_total", "counter", "Answers by the class of their status.");
  for (const ListenerMetrics* const listener : all) {
    for (std::size_t digit = 2; digit < listener->by_class_.size(); ++digit) {
      text.Value(
          "strata_http_requests_total",
          Label("listener", listener->name_) + "," + Label("code", std::to_string(digit) + "xx"),
          listener->by_class_.at(digit).load());
    }
  }
  text.Begin("strata_http_sent_bytes_total", "counter", "Bytes of answers' bodies.");
  for (const ListenerMetrics* const listener : all) {
    text.Value("strata_http_sent_bytes_total",
               Label("listener", listener->name_),
               listener->sent_bytes_.load());
  }
  text.Begin("strata_http_request_seconds", "histogram", "Time to answer, without waiting polls.");
  for (const ListenerMetrics* const listener : all) {
    const std::string label = Label("listener", listener->name_);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < listener->by_time_.size(); ++i) {
      sum += listener->by_time_.at(i).load();
      std::array<char, 16> bound{"+Inf"};
      if (i < ListenerMetrics::kBucketsMs.size()) {
        std::snprintf(bound.data(), bound.size(), "%g", ListenerMetrics::kBucketsMs.at(i) / 1000.0);
      }
      text.Value(
          "strata_http_request_seconds_bucket", label + "," + Label("le", bound.data()), sum);
    }
    text.Value("strata_http_request_seconds_sum",
               label,
               static_cast<double>(listener->took_ms_.load()) / 1000.0);
    text.Value("strata_http_request_seconds_count", label, sum);
  }
  text.Begin("strata_http_connections", "gauge", "Open connections.");
  for (const ListenerMetrics* const listener : all) {
    text.Value("strata_http_connections",
               Label("listener", listener->name_),
               AtLeastZero(listener->connections_.load()));
  }
  text.Gauge("strata_waiting_polls",
             "Devices that wait for another desired state.",
             AtLeastZero(devices.waiting_.load()));
}

void WriteProcess(MetricsText& text) {
  text.Gauge("process_start_time_seconds",
             "When the process started, in seconds since 1970.",
             static_cast<std::uint64_t>(kStarted));
  text.Gauge("process_resident_memory_bytes", "Resident memory.", ResidentBytes());
  if (const auto count = CountDescriptors()) {
    text.Gauge("process_open_fds", "Open file descriptors.", *count);
  }
}

}  // namespace strata::cloud::http
