// SPDX-License-Identifier: Apache-2.0
/// IsolationMatrix: a good request for every route, and two accounts to send it as.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strata/format/bundle/new_keys.hpp"

#include "server_world_test.hpp"
#include "site.hpp"

namespace strata::cloud {

inline constexpr const char* kForm = "application/x-www-form-urlencoded";
inline constexpr const char* kMultipart = "multipart/form-data; boundary=b";
inline constexpr const char* kProtobuf = "application/x-protobuf";

inline std::string NameOf(const http::Route& route) {
  return std::string(route.method) + " " + std::string(route.pattern);
}

/// A good request for a route, aimed at what the first account has.
struct Entry {
  std::string path;
  int stranger = 404;  ///< what another account, or its device, gets for it
  std::string type{};
  std::string body{};
};

using Entries = std::map<std::string, Entry>;

/// Two accounts over real TLS; the first has one of everything, and is the victim.
class IsolationMatrix : public ServerWorld {
 protected:
  IsolationMatrix() {
    Start();
    stranger_ = {std::string(world.stranger->sid.text()),
                 std::move(service->ResetToken(world.stranger->sid)).value()};
    app_ = MakeApp();
    device_ = Provision("kitchen");
    EXPECT_EQ(Deploy(device_.sid, app_).status, 200);
    foreign_device_ = ProvisionAs(stranger_);
    api_key_ = MakeApiKey("admin");
    webhook_ = JsonText(
        ParseJson(
            People()->Ask(FormRequest("/v1/Webhooks", "Url=https%3A%2F%2Fkitchen.test")).body),
        "sid");
    MakeKeyChange();
    MakeSettings();
    EXPECT_TRUE(service->UpdateDevice(*world.account, "kitchen", {.logging_enabled = true}).ok());
    token_ = service->CreateEnrolmentTokens(*world.account, {})->front().text;
    victims_ = {std::string(world.account->sid.text()),
                app_,
                device_.sid,
                api_key_.user,
                webhook_,
                token_.substr(0, token_.find('.'))};
  }

  TestCredentials MakeApiKey(const std::string& scopes) {
    const auto made = People()->Ask(FormRequest("/v1/ApiKeys", "Scopes=" + scopes));
    EXPECT_EQ(made.status, 201) << made.body;
    const auto key = ParseJson(made.body);
    return {JsonText(key, "sid"), JsonText(key, "secret")};
  }

  TestIdentity ProvisionAs(const TestCredentials& credentials) {
    const TestKey key = MakeTestKey();
    const auto made = People()->Ask(
        Request("POST", "/v1/Devices", "Csr=" + Encode(key.csr_pem), TypeLine(kForm), credentials));
    EXPECT_EQ(made.status, 201) << made.body;
    return {JsonText(ParseJson(made.body), "certificate"), key.key_pem};
  }

  void MakeKeyChange() {
    const auto rotation = std::move(bundle::PrivateKey::Generate()).value();
    const auto pem = bundle::PublicKeyToPem(rotation.public_key()).value();
    ASSERT_EQ(
        People()->Ask(FormRequest("/v1/Keys", "Type=rotation&PublicKey=" + Encode(pem))).status,
        201);
    bundle::NewKeysBody body;
    body.sequence = 1;
    ASSERT_TRUE(FromHex(world.account->sid.text().substr(2), body.fleet));
    body.add_signers = {world.signing_key.public_key()};
    key_change_ = UploadBody(AsText(bundle::SignNewKeys(body, rotation).value()));
    ASSERT_EQ(
        People()->Ask(Request("POST", "/v1/KeyChanges", key_change_, TypeLine(kMultipart))).status,
        201);
  }

  /// One of each kind, in the account and its device, with a value that only they have.
  void MakeSettings() {
    for (const std::string& place : SettingPlaces()) {
      ASSERT_EQ(People()->Ask(FormRequest(place, "Key=victims&Value=kitchen")).status, 201);
    }
  }

  [[nodiscard]] std::vector<std::string> SettingPlaces() const {
    const std::string device = "/v1/Devices/" + device_.sid;
    return {"/v1/Configs", "/v1/Secrets", device + "/Configs", device + "/Secrets"};
  }

  void AddSettingEntries(Entries& entries) const {
    for (const std::string& place : SettingPlaces()) {
      const bool devices = place.starts_with("/v1/Devices");
      const std::string name = devices ? "/v1/Devices/{}" + place.substr(place.rfind('/')) : place;
      entries["GET " + name] = {place, devices ? 404 : 200};
      entries["POST " + name] = {place, devices ? 404 : 201, kForm, "Key=mine&Value=v"};
      entries["GET " + name + "/{}"] = {place + "/victims"};
      entries["POST " + name + "/{}"] = {place + "/victims", 404, kForm, "Value=stolen"};
      entries["DELETE " + name + "/{}"] = {place + "/victims"};
    }
  }

  /// All four settings of the victims.
  static std::string SettingsRequestBytes() {
    wire::SettingsRequest request{.names = {}, .count = 4};
    for (std::uint32_t i = 0; i < request.count; ++i) {
      request.names[i] = {i % 2 == 0 ? wire::SettingKind::kConfig : wire::SettingKind::kSecret,
                          i / 2 == 0 ? wire::SettingScope::kAccount : wire::SettingScope::kDevice,
                          *wire::SettingKey::Parse("victims")};
    }
    std::vector<std::uint8_t> bytes(wire::kMaxSettingsRequestBytes);
    bytes.resize(wire::Encode(request, bytes).value());
    return std::string(AsText(bytes));
  }

  static std::string LogBatchBytes() {
    wire::LogBatch batch{.dropped = 0, .lines = {}, .count = 1};
    batch.lines[0] = {.text = AsBytes("not yours")};
    std::vector<std::uint8_t> bytes(wire::kMaxLogBatchBytes);
    bytes.resize(wire::Encode(batch, bytes).value());
    return std::string(AsText(bytes));
  }

  static std::string TypeLine(const std::string& type) {
    return type.empty() ? "" : "Content-Type: " + type + "\r\n";
  }

  /// Each route of the people's API.
  Entries PeopleEntries() {
    const std::string key_id = bundle::KeyIdText(
        bundle::KeyIdOf(KeyType::kManifestSigner, world.signing_key.public_key()));
    const auto new_key = std::move(bundle::PrivateKey::Generate()).value();
    const std::string pem = bundle::PublicKeyToPem(new_key.public_key()).value();
    const std::string zip = UploadBody(AsText(world.SignedBundle().zip));
    const std::string app = "/v1/Apps/" + app_;
    const std::string device = "/v1/Devices/" + device_.sid;
    const std::string api_key = "/v1/ApiKeys/" + api_key_.user;
    const std::string webhook = "/v1/Webhooks/" + webhook_;
    const std::string token = "/v1/EnrolmentTokens/" + token_.substr(0, token_.find('.'));
    Entries entries = {
        {"DELETE /v1/Devices/{}", {device}},
        {"GET /v1/EnrolmentTokens", {"/v1/EnrolmentTokens", 200}},
        {"POST /v1/EnrolmentTokens", {"/v1/EnrolmentTokens", 201, kForm, "Count=2"}},
        {"GET /v1/EnrolmentTokens/{}", {token}},
        {"DELETE /v1/EnrolmentTokens/{}", {token}},
        {"GET /v1/Webhooks", {"/v1/Webhooks", 200}},
        {"POST /v1/Webhooks", {"/v1/Webhooks", 201, kForm, "Url=https%3A%2F%2Fmine.test"}},
        {"GET /v1/Webhooks/{}", {webhook}},
        {"DELETE /v1/Webhooks/{}", {webhook}},
        {"POST /v1/Webhooks/{}/Test", {webhook + "/Test"}},
        {"GET /v1/Webhooks/{}/DeadLetters", {webhook + "/DeadLetters"}},
        {"POST /v1/Webhooks/{}/Resend", {webhook + "/Resend", 404, kForm, "X=y"}},
        {"GET /v1/Events", {"/v1/Events", 200}},
        {"GET /v1/Events/Stream", {"/v1/Events/Stream?Follow=false&LastEventId=0", 200}},
        {"GET /v1/Devices/{}/Updates", {device + "/Updates"}},
        {"GET /v1/Devices/{}/Logs", {device + "/Logs"}},
        {"GET /v1/Devices/{}/Logs/Stream", {device + "/Logs/Stream?Follow=false&LastEventId=0"}},
        {"GET /v1/DeviceCounts", {"/v1/DeviceCounts", 200}},
        {"GET /v1/DeviceHistory", {"/v1/DeviceHistory", 200}},
        {"GET /v1/Account", {"/v1/Account", 200}},
        {"POST /v1/Account", {"/v1/Account", 200, kForm, "FriendlyName=taken"}},
        {"GET /v1/AuditLog", {"/v1/AuditLog", 200}},
        {"GET /v1/AuditCheckpoints", {"/v1/AuditCheckpoints", 200}},
        {"POST /v1/AuditCheckpoints", {"/v1/AuditCheckpoints", 201}},
        {"GET /v1/ApiKeys", {"/v1/ApiKeys", 200}},
        {"POST /v1/ApiKeys", {"/v1/ApiKeys", 201, kForm, "Scopes=read"}},
        {"GET /v1/ApiKeys/{}", {api_key}},
        {"DELETE /v1/ApiKeys/{}", {api_key}},
        {"GET /v1/Apps", {"/v1/Apps", 200}},
        {"POST /v1/Apps", {"/v1/Apps", 400, kMultipart, zip}},
        {"GET /v1/Apps/{}", {app}},
        {"DELETE /v1/Apps/{}", {app}},
        {"GET /v1/Apps/{}/Manifest", {app + "/Manifest"}},
        {"GET /v1/Keys", {"/v1/Keys", 200}},
        {"POST /v1/Keys", {"/v1/Keys", 201, kForm, "PublicKey=" + Encode(pem)}},
        {"GET /v1/Keys/{}", {"/v1/Keys/" + key_id}},
        {"DELETE /v1/Keys/{}", {"/v1/Keys/" + key_id}},
        {"GET /v1/KeyChanges", {"/v1/KeyChanges", 200}},
        {"POST /v1/KeyChanges", {"/v1/KeyChanges", 400, kMultipart, key_change_}},
        {"GET /v1/KeyChanges/{}", {"/v1/KeyChanges/1"}},
        {"GET /v1/Devices", {"/v1/Devices", 200}},
        {"POST /v1/Devices", {"/v1/Devices", 400, kForm, "Csr=" + Encode(device_.csr_pem)}},
        {"GET /v1/Devices/{}", {device}},
        {"POST /v1/Devices/{}", {device, 404, kForm, "UniqueName=stolen"}},
    };
    AddSettingEntries(entries);
    return entries;
  }

  /// Each route of the device side.
  Entries DeviceEntries() {
    const cloud::Device device = service->FetchDevice(*world.account, "kitchen").value();
    const auto key = std::move(bundle::PrivateKey::FromPem(device_.identity.key_pem)).value();
    const auto manifest = device.app.target_hash->ToHexText();
    const auto layer = world.SignedBundle().body.layers.front().fetch_digest.ToHexText();
    const auto receipt = SignReceipt(ReceiptFor(device, 1, wire::Verdict::kConfirmed), key);
    const auto report = EncodeReport(wire::Report{.deployment_id = *device.app.deployment_id,
                                                  .state = wire::UpdateState::kStaged,
                                                  .error = {}});
    return {
        {"GET /device/v1/desired", {"/device/v1/desired", 200}},
        {"GET /device/v1/manifests/{}",
         {"/device/v1/manifests/" + std::string(manifest.data(), manifest.size())}},
        {"GET /device/v1/layers/{}",
         {"/device/v1/layers/" + std::string(layer.data(), layer.size())}},
        {"POST /device/v1/reports",
         {"/device/v1/reports", 204, kProtobuf, std::string(AsText(report))}},
        {"POST /device/v1/receipts",
         {"/device/v1/receipts", 400, kProtobuf, std::string(AsText(receipt))}},
        {"POST /device/v1/logs", {"/device/v1/logs", 204, kProtobuf, LogBatchBytes()}},
        {"GET /device/v1/keys/{}", {"/device/v1/keys/1"}},
        {"POST /device/v1/settings",
         {"/device/v1/settings", 200, kProtobuf, SettingsRequestBytes()}},
        {"POST /device/v1/certificate",
         {"/device/v1/certificate", 400, "application/pkcs10", DerOf(device_.csr_pem)}},
        {"POST /device/v1/enrolment",
         {"/device/v1/enrolment", 401, kForm, "Csr=" + Encode(MakeTestKey().csr_pem)}},
    };
  }

  [[nodiscard]] std::string Ready(const http::Route& route,
                                  const Entry& entry,
                                  const std::optional<TestCredentials>& credentials = {}) const {
    std::string headers = TypeLine(entry.type);
    if (entry.body.empty() && route.method != "GET") {
      headers += "Content-Length: 0\r\n";
    }
    return Request(route.method, entry.path, entry.body, headers, credentials);
  }

  /// The same without `Authorization`.
  [[nodiscard]] std::string Anonymous(const http::Route& route, const Entry& entry) const {
    std::string text = Ready(route, entry);
    const std::size_t begin = text.find("Authorization:");
    return text.erase(begin, text.find("\r\n", begin) + 2 - begin);
  }

  std::uint64_t NewestAuditEntry() {
    return service->ListAudit(*world.account, {.page_size = 1})->items.at(0).sequence;
  }

  /// The same with a console's cookie.
  [[nodiscard]] std::string WithCookie(const http::Route& route,
                                       const Entry& entry,
                                       const std::string& token) const {
    const std::string lines =
        "Cookie: __Host-strata-session=" + token + "\r\nStrata-Console: 1\r\n";
    std::string text = Anonymous(route, entry);
    return text.insert(text.find("\r\n") + 2, lines);
  }

  /// Everything that the first account can read.
  std::string State() {
    std::string state;
    for (const auto& [name, entry] : people_) {
      if (name.starts_with("GET ")) {
        const auto answer = People()->Ask(Request("GET", entry.path));
        EXPECT_EQ(answer.status, 200) << name;
        state += name + " " + answer.body + "\n";
      }
    }
    return state;
  }

  void ExpectNothingOfTheVictim(const TestResponse& answer) {
    for (const std::string& sid : victims_) {
      EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr(sid)));
    }
    EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr("kitchen")));
  }

  static void ExpectRefusal(const TestResponse& answer, int status, int code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(ParseJson(answer.body)["code"], code) << answer.body;
    EXPECT_EQ(answer.headers.count("access-control-allow-credentials"), 0U);
    EXPECT_EQ(answer.Header("twilio-request-id").size(), 34U);
  }

  TestCredentials stranger_;
  TestCredentials api_key_;
  std::string app_;
  std::string webhook_;
  std::string token_;  ///< that enrols a device of the first account
  ProvisionedTestDevice device_;
  TestIdentity foreign_device_;
  std::string key_change_;
  std::vector<std::string> victims_;
  Entries people_ = {};
};

}  // namespace strata::cloud
