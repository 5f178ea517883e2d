// SPDX-License-Identifier: Apache-2.0
#include "audit_views.hpp"

#include <algorithm>
#include <vector>

#include "audit.hpp"

namespace strata::cloud {
namespace {

/// A JSON array of texts.
template <typename T, typename ToText>
std::string ArrayOf(const std::vector<T>& items, ToText to_text) {
  std::string text = "[";
  for (const T& item : items) {
    // An object of one member is quoted as everything else; only its value is wanted.
    const std::string one = JsonObjectText().Add("", to_text(item)).OpenText();
    text += text.size() > 1 ? "," : "";
    text += one.substr(std::string_view("{\"\":").size());
  }
  return text + "]";
}

std::string_view NameOf(KeyType type) {
  return type == KeyType::kRotation ? "rotation" : "signing";
}

std::optional<std::string> HexOf(const std::optional<std::array<std::uint8_t, 16>>& id) {
  if (!id) {
    return std::nullopt;
  }
  std::string text(2 * id->size(), '\0');
  ToHex(*id, text);
  return text;
}

std::string HashText(const Digest& digest) {
  const auto hex = digest.ToHexText();
  return "sha256:" + std::string(hex.data(), hex.size());
}

std::string TokenView(const std::vector<EnrolmentTokenSid>& sids, const EnrolmentToken& token) {
  const auto text = [](const EnrolmentTokenSid& sid) { return sid.text(); };
  return JsonObjectText()
      .Add("friendly_name", token.friendly_name)
      .Add("hardware_type", token.hardware_type)
      .AddJson("tags", ArrayOf(token.tags, [](const std::string& tag) { return tag; }))
      .AddNumber("valid_seconds",
                 static_cast<std::uint64_t>(token.date_expires - token.date_created))
      .AddJson("sids", ArrayOf(sids, text))
      .Text();
}

}  // namespace

std::string AuditView(const Account& account) {
  return JsonObjectText()
      .Add("friendly_name", account.friendly_name)
      .AddFlag("development_signing", account.development_signing)
      .Text();
}

std::string AuditView(const ApiKey& key) {
  return JsonObjectText()
      .Add("friendly_name", key.friendly_name)
      .Add("scopes", ScopesText(key.scopes, ","))
      .Text();
}

std::string AuditView(const Webhook& webhook) {
  const std::size_t host = webhook.url.find("://") + 3;
  const std::size_t end = std::min(webhook.url.find_first_of("/?", host), webhook.url.size());
  return JsonObjectText()
      .Add("friendly_name", webhook.friendly_name)
      .Add("host", webhook.url.substr(host, end - host))
      .Text();
}

std::string AuditView(const App& app) {
  return JsonObjectText()
      .AddOrNull("unique_name", app.unique_name)
      .Add("hash", HashText(app.manifest_hash))
      .Add("app_version", app.app_version)
      .Add("hardware_type", app.hardware_type)
      .Add("signer_id", bundle::KeyIdText(app.signer))
      .AddNumber("size", app.size_bytes)
      .Text();
}

std::string AuditView(const Device& device) {
  const auto sid = [](const AppSid& app) { return std::string(app.text()); };
  const auto& target = device.app.target_sid;
  return JsonObjectText()
      .AddOrNull("unique_name", device.unique_name)
      .Add("hardware_type", device.hardware_type)
      .AddFlag("development", device.development)
      .AddJson("tags", ArrayOf(device.tags, [](const std::string& tag) { return tag; }))
      .AddOrNull("target_sid", target ? std::optional(sid(*target)) : std::nullopt)
      .AddOrNull("deployment_id", HexOf(device.app.deployment_id))
      .AddFlag("logging_enabled", device.logging_enabled)
      .AddNumber("restart_counter", device.restart_counter)
      .Text();
}

std::string AuditView(const EnrolmentToken& token) {
  return TokenView({token.sid}, token);
}

std::string AuditView(const std::vector<NewEnrolmentToken>& tokens) {
  std::vector<EnrolmentTokenSid> sids;
  sids.reserve(tokens.size());
  for (const NewEnrolmentToken& each : tokens) {
    sids.push_back(each.token.sid);
  }
  return TokenView(sids, tokens.front().token);
}

std::string AuditView(const KeyChange& change) {
  return JsonObjectText()
      .AddNumber("sequence", change.sequence)
      .Add("hash", HashText(change.hash))
      .Add("signer_id", bundle::KeyIdText(change.signer))
      .AddJson("added_signers", ArrayOf(change.added_signers, bundle::KeyIdText))
      .AddJson("revoked_signers", ArrayOf(change.revoked_signers, bundle::KeyIdText))
      .AddJson("deleted_layer_keys", ArrayOf(change.deleted_layer_keys, bundle::KeyIdText))
      .AddNumber("added_layer_keys", change.added_layer_keys)
      .AddNumber("cloud_cas", change.cloud_cas)
      .Text();
}

std::string AuditView(const SigningKey& key) {
  return JsonObjectText()
      .Add("type", NameOf(key.type))
      .Add("friendly_name", key.friendly_name)
      .AddFlag("revoked", key.revoked)
      .Text();
}

std::string AuditView(const SettingRecord& record) {
  JsonObjectText text;
  if (record.setting.kind == SettingKind::kConfig) {
    text.Add("value", record.setting.value);
  } else {
    text.AddNumber("version", record.version);
  }
  return text.Text();
}

std::string AuditNameOf(const Setting& setting) {
  const std::string device =
      setting.device_sid ? std::string(setting.device_sid->text()) + "/" : std::string();
  return device + setting.key;
}

}  // namespace strata::cloud
