// SPDX-License-Identifier: Apache-2.0
#include "device_conf.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace strata::device {
namespace {

enum Key : std::size_t { kVersion, kSid, kDeviceUrl, kHardware, kDevelopment, kKeyCount };

constexpr std::array<std::string_view, kKeyCount> kNames = {
    "version", "sid", "device_url", "hardware", "development"};

using Values = std::array<std::optional<std::string_view>, kKeyCount>;

Failure Malformed(const std::string& what) {
  return {Fail(Code::kMalformed, Op::kParse),
          "device.conf: " + what + "; provision the device again"};
}

Outcome ReadLine(std::string_view line, Values& values) {
  const std::size_t equals = line.find('=');
  const std::string_view name = line.substr(0, equals);
  const auto known = std::find(kNames.begin(), kNames.end(), name);
  if (equals == std::string_view::npos || known == kNames.end()) {
    return Malformed(
        "a line is not one of version, sid, device_url, hardware, development = value");
  }
  auto& value = values[static_cast<std::size_t>(known - kNames.begin())];
  if (value) {
    return Malformed(std::string(name) + " stands there twice");
  }
  value = line.substr(equals + 1);
  return Done{};
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == ':' || c == '[' || c == ']';
}

bool IsDeviceUrl(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme) || url.size() > 300) {
    return false;
  }
  const std::string_view authority = url.substr(kScheme.size());
  return !authority.empty() && std::all_of(authority.begin(), authority.end(), IsHostCharacter);
}

}  // namespace

Expected<DeviceConf> ParseDeviceConf(std::string_view text) {
  if (text.size() > kMaxConfBytes) {
    return Malformed("longer than 4096 bytes");
  }
  Values values;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return Malformed("the last line does not end");
    }
    if (Outcome read = ReadLine(text.substr(0, end), values); !read.ok()) {
      return read.failure();
    }
    text.remove_prefix(end + 1);
  }
  for (std::size_t i = 0; i < kKeyCount; ++i) {
    if (!values[i]) {
      return Malformed(std::string(kNames[i]) + " is missing");
    }
  }
  if (*values[kVersion] != "1") {
    return Failure{Fail(Code::kUnsupported, Op::kParse),
                   "device.conf: made for another version of Strata; update strata-device or "
                   "provision the device again"};
  }
  const auto sid = DeviceSid::Parse(*values[kSid]);
  if (!sid) {
    return Malformed("sid is not UV and 32 hexadecimal digits");
  }
  std::string_view url = *values[kDeviceUrl];
  if (url.ends_with('/')) {
    url.remove_suffix(1);
  }
  if (!IsDeviceUrl(url)) {
    return Malformed("device_url is not https://HOST:PORT");
  }
  const HardwareProfile* profile = FindHardwareProfile(*values[kHardware]);
  if (profile == nullptr) {
    return Malformed("hardware names no profile that this version knows");
  }
  const std::string_view development = *values[kDevelopment];
  if (development != "yes" && development != "no") {
    return Malformed("development is neither yes nor no");
  }
  return DeviceConf{*sid, std::string(url), profile, development == "yes"};
}

}  // namespace strata::device
