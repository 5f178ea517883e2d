// SPDX-License-Identifier: Apache-2.0
#include "json.hpp"
#include "json_text.hpp"
#include "public_key_pem.hpp"

namespace strata::cloud::http {

std::string KeyJson(const SigningKey& key, std::string_view base_url) {
  const std::string id = KeyIdText(key.key_id);
  boost::json::object object;
  object["key_id"] = Text(id);
  object["account_sid"] = Text(key.account_sid.text());
  object["type"] = key.type == KeyType::kRotation ? "rotation" : "signing";
  object["friendly_name"] = Text(key.friendly_name);
  object["public_key"] = Text(PublicKeyPem(key.public_key));
  object["revoked"] = key.revoked;
  object["date_created"] = Text(DateText(key.date_created));
  object["url"] = Text(std::string(base_url) + "/v1/Keys/" + id);
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
