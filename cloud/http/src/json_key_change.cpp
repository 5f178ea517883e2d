// SPDX-License-Identifier: Apache-2.0
#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud::http {
namespace {

boost::json::array Ids(const std::vector<KeyId>& ids) {
  boost::json::array array;
  for (const KeyId id : ids) {
    array.emplace_back(Text(KeyIdText(id)));
  }
  return array;
}

boost::json::object KeyChangeObject(const KeyChange& change, std::string_view base_url) {
  const std::string sequence = std::to_string(change.sequence);
  boost::json::object object;
  object["sequence"] = change.sequence;
  object["hash"] = HashText(change.hash);
  object["account_sid"] = Text(change.account_sid.text());
  object["signer_id"] = Text(KeyIdText(change.signer));
  object["added_signers"] = Ids(change.added_signers);
  object["revoked_signers"] = Ids(change.revoked_signers);
  object["deleted_layer_keys"] = Ids(change.deleted_layer_keys);
  object["added_layer_keys"] = change.added_layer_keys;
  object["cloud_cas"] = change.cloud_cas;
  object["devices"] = boost::json::object{{"total", change.devices.total},
                                          {"current", change.devices.current},
                                          {"refused", change.devices.refused}};
  object["date_created"] = Text(DateText(change.date_created));
  object["url"] = Text(std::string(base_url) + "/v1/KeyChanges/" + sequence);
  return object;
}

}  // namespace

std::string KeyChangeJson(const KeyChange& change, std::string_view base_url) {
  return boost::json::serialize(KeyChangeObject(change, base_url));
}

std::string WholeKeyChangeJson(const KeyChange& change, std::string_view base_url) {
  boost::json::object object = KeyChangeObject(change, base_url);
  object["encoded_bytes"] = Text(Base64(change.message));
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
