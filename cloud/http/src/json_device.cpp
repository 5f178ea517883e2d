// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "strata/core/error_text.hpp"

#include "json.hpp"
#include "json_text.hpp"
#include "public_key_pem.hpp"

namespace strata::cloud::http {
namespace {

/// UpdateState of format/proto/wire.proto, by number.
constexpr std::array<std::string_view, 14> kUpdateStates = {"",
                                                            "idle",
                                                            "fetching-manifest",
                                                            "checking-manifest",
                                                            "fetching-layers",
                                                            "staged",
                                                            "verifying-staged",
                                                            "applying",
                                                            "starting",
                                                            "confirming",
                                                            "confirmed",
                                                            "reverting",
                                                            "recovering",
                                                            "failed"};

boost::json::object DeviceAppObject(const DeviceApp& app) {
  const auto sid_text = [](const AppSid& sid) { return Text(sid.text()); };
  boost::json::object object;
  object["target_sid"] = OrNull(app.target_sid, sid_text);
  object["target_hash"] = OrNull(app.target_hash, HashText);
  object["date_targeted"] = DateOrNull(app.date_targeted);
  object["update_status"] = Text(StatusText(app.update_status));
  object["update_error_code"] = app.update_error_code;
  object["reported_sid"] = OrNull(app.reported_sid, sid_text);
  object["date_reported"] = DateOrNull(app.date_reported);
  object["deployment_id"] =
      OrNull(app.deployment_id, [](const std::array<std::uint8_t, 16>& bytes) {
        std::string text(2 * bytes.size(), '0');
        ToHex(bytes, text);
        return Text(text);
      });
  object["update_error"] = nullptr;
  if (app.update_error_code != 0) {
    object["update_error"] = Text(UpdateErrorText(app.update_error_code, app.update_error_op));
  }
  object["update_state"] = UpdateStateOrNull(app.update_state);
  object["bytes_staged"] = app.bytes_staged;
  object["bytes_total"] = app.bytes_total;
  return object;
}

}  // namespace

std::string UpdateErrorText(std::uint32_t code, std::uint32_t op) {
  const ErrorText& text = TextOf(static_cast<Code>(code));
  const std::string_view doing = TextOf(static_cast<Op>(op));
  std::string words = doing.empty() ? "" : std::string(doing) + ": ";
  words += text.what;
  words += "; ";
  return words += text.next_step;
}

boost::json::value UpdateStateOrNull(std::uint32_t state) {
  return state > 0 && state < kUpdateStates.size() ? boost::json::value(Text(kUpdateStates[state]))
                                                   : boost::json::value();
}

std::string_view StatusText(UpdateStatus status) {
  switch (status) {
    case UpdateStatus::kUpToDate:
      return "up-to-date";
    case UpdateStatus::kPending:
      return "pending";
    case UpdateStatus::kError:
      return "error";
  }
  return "error";
}

boost::json::object DeviceObject(const Device& device, std::string_view base_url) {
  const std::string url = std::string(base_url) + "/v1/Devices/" + std::string(device.sid.text());
  boost::json::object object;
  object["sid"] = Text(device.sid.text());
  object["unique_name"] = OrNull(device.unique_name);
  object["account_sid"] = Text(device.account_sid.text());
  object["app"] = DeviceAppObject(device.app);
  object["logging"] = boost::json::object{{"enabled", device.logging_enabled},
                                          {"date_expires", DateOrNull(device.logging_expires)}};
  object["date_created"] = Text(DateText(device.date_created));
  object["date_updated"] = Text(DateText(device.date_updated));
  object["url"] = Text(url);
  object["links"] = boost::json::object{{"device_configs", Text(url + "/Configs")},
                                        {"device_secrets", Text(url + "/Secrets")}};
  object["hardware_type"] = Text(device.hardware_type);
  object["development"] = device.development;
  object["date_last_seen"] = DateOrNull(device.date_last_seen);
  boost::json::array tags;
  for (const std::string& tag : device.tags) {
    tags.push_back(Text(tag));
  }
  object["tags"] = std::move(tags);
  object["keys_sequence"] = device.keys_sequence;
  object["keys_error_code"] = device.keys_error_code;
  return object;
}

std::string DeviceJson(const Device& device, std::string_view base_url) {
  return boost::json::serialize(DeviceObject(device, base_url));
}

std::string ProvisionedDeviceJson(const Device& device,
                                  const DeviceCredentials& credentials,
                                  std::string_view base_url) {
  boost::json::object object = DeviceObject(device, base_url);
  object["certificate"] = Text(credentials.certificate_pem);
  object["ca_certificate"] = Text(credentials.ca_certificate_pem);
  object["device_url"] = Text(credentials.device_url);
  object["development_signer"] = OrNull(
      credentials.development_signer, [](const PublicKey& key) { return Text(PublicKeyPem(key)); });
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
