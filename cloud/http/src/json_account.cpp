// SPDX-License-Identifier: Apache-2.0
#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud::http {

std::string AccountJson(const Account& account, std::string_view base_url) {
  boost::json::object object;
  object["sid"] = Text(account.sid.text());
  object["friendly_name"] = Text(account.friendly_name);
  object["date_created"] = Text(DateText(account.date_created));
  object["url"] = Text(std::string(base_url) + "/v1/Account");
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
