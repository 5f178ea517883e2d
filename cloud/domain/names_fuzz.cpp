// SPDX-License-Identifier: Apache-2.0
// Names come from clients: what passes must be well-formed by another count of its scalars.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "names.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using strata::cloud::CheckUniqueName;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool printable = strata::cloud::CheckIdempotencyKey(text).ok();
  if (printable && !strata::cloud::CheckFriendlyName(text).ok()) {
    std::abort();
  }
  if (strata::cloud::ParseKeyId(text) && size != 16) {
    std::abort();
  }
  // What is sealed or stored must fit the wire: 4 bytes per character, keys of devices as
  // SettingKey.
  const bool device_key = strata::cloud::CheckSettingKey(text, true).ok();
  if (device_key && (size > 100 || !strata::cloud::CheckSettingKey(text, false).ok())) {
    std::abort();
  }
  if (strata::cloud::CheckSettingValue(text).ok() &&
      (size > 16'384 || std::count(text.begin(), text.end(), '\0') != 0)) {
    std::abort();
  }
  if (!CheckUniqueName(text).ok()) {
    return 0;
  }
  const auto leads = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<std::uint8_t>(c) & 0xC0U) != 0x80;
  });
  const bool slash = text.find('/') != std::string_view::npos;
  if (leads < 1 || leads > 64 || slash || strata::cloud::HasSidShape(text)) {
    std::abort();
  }
  return 0;
}
