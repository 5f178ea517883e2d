// SPDX-License-Identifier: Apache-2.0
/// device.conf: who a device is, and where its cloud listens. Role: text to values; reads no file.
/// Strict: every key of docs/spec/device-directory.md exactly once, nothing else, so that a typing
/// error is never taken for a default. Reference: docs/spec/device-directory.md.
#pragma once

#include <string>
#include <string_view>

#include "strata/core/hardware.hpp"
#include "strata/core/sid.hpp"
#include "strata/platform/linux/expected.hpp"

namespace strata::device {

struct DeviceConf {
  DeviceSid sid;
  std::string device_url;  ///< "https://host[:port]", without a slash at the end
  const HardwareProfile* profile = nullptr;
  bool development = false;
};

inline constexpr std::size_t kMaxConfBytes = 4096;

/// * kUnsupported: a version other than 1. * kMalformed: anything else; the message names the line
/// or the key.
Expected<DeviceConf> ParseDeviceConf(std::string_view text);

}  // namespace strata::device
