// SPDX-License-Identifier: Apache-2.0
#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud::http {
namespace {

boost::json::object ApiKeyObject(const ApiKey& key, std::string_view base_url) {
  boost::json::array scopes;
  for (const Scope scope : kAllScopes) {
    if (key.scopes.Has(scope)) {
      scopes.emplace_back(Text(NameOf(scope)));
    }
  }
  boost::json::object object;
  object["sid"] = Text(key.sid.text());
  object["account_sid"] = Text(key.account_sid.text());
  object["friendly_name"] = Text(key.friendly_name);
  object["scopes"] = std::move(scopes);
  object["date_created"] = Text(DateText(key.date_created));
  object["date_last_used"] = DateOrNull(key.date_last_used);
  object["url"] = Text(std::string(base_url) + "/v1/ApiKeys/" + std::string(key.sid.text()));
  return object;
}

}  // namespace

std::string ApiKeyJson(const ApiKey& key, std::string_view base_url) {
  return boost::json::serialize(ApiKeyObject(key, base_url));
}

std::string CreatedApiKeyJson(const ApiKey& key,
                              std::string_view secret,
                              std::string_view base_url) {
  boost::json::object object = ApiKeyObject(key, base_url);
  object["secret"] = Text(secret);
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
