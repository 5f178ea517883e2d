// SPDX-License-Identifier: Apache-2.0
/// LogLine: one event as one line of the server's log, as JSON or as `name=value` pairs.
/// Role: fields and their escaping; what an event is, and that no secret is in it, is its writer's
/// business. Reference: docs/spec/logs.md. Security: values may be an attacker's: none can end a
/// line or look like another field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strata::cloud {

enum class LogFormat : std::uint8_t { kJson, kText };

/// Where lines go and how they look.
struct LogSink {
  int fd = -1;  ///< -1: nowhere
  LogFormat format = LogFormat::kJson;
};

class LogLine {
 public:
  /// Begins with `time`, now.
  LogLine();

  LogLine& Add(std::string_view name, std::string_view value);
  LogLine& AddNumber(std::string_view name, std::int64_t value);

  /// With its line feed.
  [[nodiscard]] std::string Text(LogFormat format) const;

  /// With one call, so that lines of several threads do not mix. A log that can't be written stops
  /// nothing.
  void Write(const LogSink& sink) const;

 private:
  struct Field {
    std::string name;
    std::string value;
    bool number = false;
  };

  std::vector<Field> fields_;
};

}  // namespace strata::cloud
