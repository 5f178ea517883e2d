// SPDX-License-Identifier: Apache-2.0
#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud::http {
namespace {

std::string UrlOf(const App& app, std::string_view base_url) {
  return std::string(base_url) + "/v1/Apps/" + std::string(app.sid.text());
}

boost::json::object AppObject(const App& app, std::string_view base_url) {
  const std::string url = UrlOf(app, base_url);
  boost::json::object object;
  object["sid"] = Text(app.sid.text());
  object["account_sid"] = Text(app.account_sid.text());
  object["hash"] = HashText(app.manifest_hash);
  object["unique_name"] = OrNull(app.unique_name);
  object["date_created"] = Text(DateText(app.date_created));
  object["date_updated"] = Text(DateText(app.date_updated));
  object["url"] = Text(url);
  object["links"] = boost::json::object{{"app_manifests", Text(url + "/Manifest")}};
  object["app_version"] = Text(app.app_version);
  object["hardware_type"] = Text(app.hardware_type);
  object["signer_id"] = Text(KeyIdText(app.signer));
  object["encrypted"] = app.encrypted;
  object["layers"] = app.layer_count;
  object["size"] = app.size_bytes;
  return object;
}

}  // namespace

std::string AppJson(const App& app, std::string_view base_url) {
  return boost::json::serialize(AppObject(app, base_url));
}

std::string CreatedAppJson(const CreatedApp& created, std::string_view base_url) {
  boost::json::object object = AppObject(created.app, base_url);
  boost::json::array warnings;
  for (const std::string& warning : created.warnings) {
    warnings.push_back(Text(warning));
  }
  object["warnings"] = std::move(warnings);
  return boost::json::serialize(object);
}

std::string ManifestJson(const AppManifest& manifest, std::string_view base_url) {
  boost::json::object object;
  object["app_sid"] = Text(manifest.app.sid.text());
  object["hash"] = HashText(manifest.app.manifest_hash);
  object["encoded_bytes"] = Text(Base64(manifest.bytes));
  object["url"] = Text(UrlOf(manifest.app, base_url) + "/Manifest");
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
