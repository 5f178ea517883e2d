// SPDX-License-Identifier: Apache-2.0
// device.conf: what is accepted is complete and safe to put before a path.
#include <cstdlib>
#include <string_view>

#include "device_conf.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto conf = strata::device::ParseDeviceConf({reinterpret_cast<const char*>(data), size});
  if (!conf.ok()) {
    return 0;
  }
  const std::string& url = conf->device_url;
  if (conf->profile == nullptr || !url.starts_with("https://") ||
      url.find_first_of("/@?# \r\n", 8) != std::string::npos) {
    std::abort();
  }
  return 0;
}
