// SPDX-License-Identifier: Apache-2.0
#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud::http {
namespace {

boost::json::array TagsArray(const std::vector<std::string>& tags) {
  boost::json::array array;
  for (const std::string& tag : tags) {
    array.push_back(Text(tag));
  }
  return array;
}

boost::json::object TokenObject(const EnrolmentToken& token, std::string_view base_url) {
  boost::json::object object;
  object["sid"] = Text(token.sid.text());
  object["account_sid"] = Text(token.account_sid.text());
  object["friendly_name"] = Text(token.friendly_name);
  object["hardware_type"] = Text(token.hardware_type);
  object["tags"] = TagsArray(token.tags);
  object["date_created"] = Text(DateText(token.date_created));
  object["date_expires"] = Text(DateText(token.date_expires));
  object["date_used"] = DateOrNull(token.date_used);
  object["device_sid"] =
      OrNull(token.device_sid, [](const DeviceSid& sid) { return Text(sid.text()); });
  object["url"] =
      Text(std::string(base_url) + "/v1/EnrolmentTokens/" + std::string(token.sid.text()));
  return object;
}

}  // namespace

std::string EnrolmentTokenJson(const EnrolmentToken& token, std::string_view base_url) {
  return boost::json::serialize(TokenObject(token, base_url));
}

std::string CreatedEnrolmentTokensJson(const std::vector<NewEnrolmentToken>& tokens,
                                       const DeviceCredentials& cloud,
                                       std::string_view base_url) {
  boost::json::array made;
  for (const NewEnrolmentToken& each : tokens) {
    boost::json::object object = TokenObject(each.token, base_url);
    object["token"] = Text(each.text);
    made.push_back(std::move(object));
  }
  boost::json::object object;
  object["enrolment_tokens"] = std::move(made);
  object["device_url"] = Text(cloud.device_url);
  object["ca_certificate"] = Text(cloud.ca_certificate_pem);
  return boost::json::serialize(object);
}

std::string EnrolledDeviceJson(const Device& device, const DeviceCredentials& credentials) {
  boost::json::object object;
  object["sid"] = Text(device.sid.text());
  object["account_sid"] = Text(device.account_sid.text());
  object["unique_name"] = OrNull(device.unique_name);
  object["hardware_type"] = Text(device.hardware_type);
  object["tags"] = TagsArray(device.tags);
  object["certificate"] = Text(credentials.certificate_pem);
  object["ca_certificate"] = Text(credentials.ca_certificate_pem);
  object["device_url"] = Text(credentials.device_url);
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
