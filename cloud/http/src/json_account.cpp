// SPDX-License-Identifier: Apache-2.0
#include "json.hpp"
#include "json_text.hpp"
#include "public_key_pem.hpp"

namespace strata::cloud::http {
namespace {

boost::json::value LimitOrNull(std::uint64_t limit) {
  return limit == 0 ? boost::json::value(nullptr) : boost::json::value(limit);
}

}  // namespace

std::string AccountJson(const Account& account,
                        const AccountUsage& usage,
                        const AccountLimits& limits,
                        std::string_view base_url) {
  boost::json::object object;
  object["sid"] = Text(account.sid.text());
  object["friendly_name"] = Text(account.friendly_name);
  object["date_created"] = Text(DateText(account.date_created));
  object["url"] = Text(std::string(base_url) + "/v1/Account");
  object["development_signing"] = account.development_signing;
  object["development_signer"] = OrNull(account.development_signer, [&](const PublicKey& key) {
    return boost::json::object{{"key_id", Text(KeyIdText(DevelopmentSignerOf(account)))},
                               {"public_key", Text(PublicKeyPem(key))}};
  });
  object["usage"] = boost::json::object{{"apps", usage.apps},
                                        {"apps_limit", LimitOrNull(limits.apps)},
                                        {"bytes", usage.app_bytes},
                                        {"bytes_limit", LimitOrNull(limits.app_bytes)}};
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
