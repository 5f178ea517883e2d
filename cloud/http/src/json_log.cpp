// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud::http {
namespace {

std::string_view TypeText(LogType type) {
  switch (type) {
    case LogType::kApp:
      return "app_logging";
    case LogType::kUpdate:
      return "ota_update";
    case LogType::kConnection:
      return "connection";
    case LogType::kDropped:
      return "dropped";
  }
  return "app_logging";
}

}  // namespace

std::string TimestampText(UnixMicros time) {
  constexpr UnixMicros kSecond = 1'000'000;
  const UnixMicros part = ((time % kSecond) + kSecond) % kSecond;
  std::string text = DateText((time - part) / kSecond);
  const std::string digits = std::to_string(part);
  text.pop_back();
  return text + "." + std::string(6 - digits.size(), '0') + digits + "Z";
}

std::string DeviceLogLineJson(const DeviceLogLine& line, std::string_view) {
  boost::json::object object;
  object["id"] = line.sequence;
  object["timestamp"] = Text(TimestampText(line.time));
  object["type"] = Text(TypeText(line.type));
  object["text"] = Text(line.text);
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
