// SPDX-License-Identifier: Apache-2.0
#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud::http {
namespace {

/// `key` as a path's last segment that names no other key, whatever keys there are.
std::string SegmentOf(std::string_view key) {
  constexpr std::string_view kSuffix = ".json";
  if (!key.ends_with(kSuffix)) {
    return PercentEncode(key);
  }
  return PercentEncode(key.substr(0, key.size() - kSuffix.size())) + "%2Ejson";
}

}  // namespace

std::string SettingJson(const Setting& setting, std::string_view base_url) {
  const bool config = setting.kind == SettingKind::kConfig;
  std::string url = std::string(base_url) + "/v1/";
  boost::json::object object;
  if (setting.device_sid) {
    url += "Devices/" + std::string(setting.device_sid->text()) + "/";
    object["device_sid"] = Text(setting.device_sid->text());
  }
  url += (config ? "Configs/" : "Secrets/") + SegmentOf(setting.key);
  object["key"] = Text(setting.key);
  if (config) {
    object["value"] = Text(setting.value);
  }
  object[config ? "date_updated" : "date_rotated"] = Text(DateText(setting.date_updated));
  object["url"] = Text(url);
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
