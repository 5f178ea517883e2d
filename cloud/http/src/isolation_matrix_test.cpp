// SPDX-License-Identifier: Apache-2.0
// Every route, over real TLS, with everything that must not open it. The tables below name each
// route; a route without an entry fails the test.
#include <ctime>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strata/format/bundle/new_keys.hpp"

#include "access.hpp"
#include "server_world_test.hpp"
#include "site.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kMultipart = "multipart/form-data; boundary=b";
constexpr const char* kProtobuf = "application/x-protobuf";

std::string NameOf(const http::Route& route) {
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
      EXPECT_THAT(answer.body, Not(HasSubstr(sid)));
    }
    EXPECT_THAT(answer.body, Not(HasSubstr("kitchen")));
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

TEST_F(IsolationMatrix, EveryRoute_HasItsEntry) {
  const Entries people = PeopleEntries();
  const Entries devices = DeviceEntries();
  for (const http::Route& route : http::PeopleRoutes()) {
    EXPECT_TRUE(people.contains(NameOf(route))) << NameOf(route) << " is not in PeopleEntries()";
  }
  for (const http::Route& route : http::DeviceSideRoutes()) {
    EXPECT_TRUE(devices.contains(NameOf(route))) << NameOf(route) << " is not in DeviceEntries()";
  }
  EXPECT_EQ(people.size(), http::PeopleRoutes().size());
  EXPECT_EQ(devices.size(), http::DeviceSideRoutes().size());
}

TEST_F(IsolationMatrix, EveryRoute_WithGoodCredentials_IsOpen) {
  // So that a closed door below is closed for its reason; each answer is held against the file.
  const Entries entries = DeviceEntries();
  for (const http::Route& route : http::DeviceSideRoutes()) {
    std::string request = Anonymous(route, entries.at(NameOf(route)));
    if (route.by_token) {
      request.insert(request.find("\r\n") + 2, "Authorization: Bearer " + token_ + "\r\n");
    }
    const auto answer = Device(device_.identity)->Ask(request);
    EXPECT_LT(answer.status, 300) << NameOf(route) << " " << answer.body;
  }
  people_ = PeopleEntries();
  for (const char* method : {"GET", "POST", "DELETE"}) {
    for (const http::Route& route : http::PeopleRoutes()) {
      // The device itself goes at the very end.
      if (route.method == method && NameOf(route) != "DELETE /v1/Devices/{}") {
        const std::uint64_t written = NewestAuditEntry();
        const auto answer = People()->Ask(Ready(route, people_.at(NameOf(route))));
        const bool in_use = NameOf(route) == "DELETE /v1/Apps/{}" && answer.status == 400;
        EXPECT_TRUE(answer.status < 300 || in_use) << NameOf(route) << " " << answer.body;
        const bool changes = route.method != "GET" && answer.status != 200 && !in_use &&
                             NameOf(route) != "POST /v1/AuditCheckpoints";
        const bool updates = NameOf(route).ends_with("/{}") || NameOf(route) == "POST /v1/Account";
        EXPECT_EQ(NewestAuditEntry() - written,
                  changes || (route.method == "POST" && updates) ? 1U : 0U)
            << "each change is written down: " << NameOf(route);
      }
    }
  }
  const std::uint64_t written = NewestAuditEntry();
  EXPECT_EQ(People()->Ask(Request("DELETE", "/v1/Devices/" + device_.sid)).status, 204);
  EXPECT_EQ(NewestAuditEntry() - written, 1U);
}

TEST_F(IsolationMatrix, PeopleRoutes_WithoutGoodCredentials_AreClosed) {
  people_ = PeopleEntries();
  const TestCredentials revoked = MakeApiKey("admin");
  ASSERT_EQ(People()->Ask(Request("DELETE", "/v1/ApiKeys/" + revoked.user)).status, 204);
  const std::string before = State();
  const TestCredentials bad[] = {
      {std::string(world.account->sid.text()), "wrong"},
      {std::string(world.account->sid.text()), stranger_.password},
      {stranger_.user, world.token},
      {"AC" + std::string(32, '0'), world.token},
      {api_key_.user, world.token},
      {api_key_.user, revoked.password},
      {std::string(world.account->sid.text()), api_key_.password},
      {"SK" + std::string(32, '0'), api_key_.password},
      {"", ""},
      revoked,
  };
  for (const http::Route& route : http::PeopleRoutes()) {
    SCOPED_TRACE(NameOf(route));
    const Entry& entry = people_.at(NameOf(route));
    ExpectRefusal(People()->Ask(Anonymous(route, entry)), 401, 20003);
    for (const TestCredentials& credentials : bad) {
      ExpectRefusal(People()->Ask(Ready(route, entry, credentials)), 401, 20003);
    }
    for (const std::string& token : {std::string(32, '0'), world.token, stranger_.password}) {
      ExpectRefusal(People()->Ask(WithCookie(route, entry, token)), 401, 20003);
    }
    // A device's certificate is nothing here, not even its own account's.
    for (const TestIdentity& identity : {device_.identity, foreign_device_}) {
      TestClient device(server->port(), config.server_ca_pem, identity);
      ExpectRefusal(device.Ask(Anonymous(route, entry)), 401, 20003);
    }
  }
  EXPECT_EQ(State(), before);
}

TEST_F(IsolationMatrix, PeopleRoutes_WithEachScope_OpenOnlyWhatTheTableSays) {
  people_ = PeopleEntries();
  const std::string before = State();
  std::map<Scope, TestCredentials> keys;
  for (const Scope scope : {Scope::kRead, Scope::kDeploy, Scope::kProvision}) {
    const auto made = service->CreateApiKey(*world.stranger, "", scope);
    keys[scope] = {std::string(made->first.sid.text()), made->second};
  }
  for (const http::Route& route : http::PeopleRoutes()) {
    for (const auto& [scope, key] : keys) {
      SCOPED_TRACE(NameOf(route) + " with " + std::string(NameOf(scope)));
      const Entry& entry = people_.at(NameOf(route));
      if (!http::CheckAccess(route, scope).ok()) {
        const auto refused = People()->Ask(Ready(route, entry, key));
        ExpectRefusal(refused, 403, 20006);
        EXPECT_THAT(refused.body, HasSubstr("needs an API key with the scope"));
        continue;
      }
      const auto answer = People()->Ask(Ready(route, entry, key));
      EXPECT_EQ(answer.status, entry.stranger) << "as with the other account's own token";
    }
  }
  EXPECT_EQ(State(), before);
}

TEST_F(IsolationMatrix, PeopleRoutes_OfAnotherAccount_ReachNothing) {
  people_ = PeopleEntries();
  const std::string before = State();
  for (const http::Route& route : http::PeopleRoutes()) {
    SCOPED_TRACE(NameOf(route));
    const Entry& entry = people_.at(NameOf(route));
    const auto answer = People()->Ask(Ready(route, entry, stranger_));
    EXPECT_EQ(answer.status, entry.stranger) << answer.body;
    if (answer.status < 300) {
      ExpectNothingOfTheVictim(answer);
    }
  }
  EXPECT_EQ(State(), before);
}

TEST_F(IsolationMatrix, PeopleRoutes_WithAnotherAccountsSession_ReachNothing) {
  people_ = PeopleEntries();
  const std::string before = State();
  const auto session = service->SignIn(stranger_.user, stranger_.password, "192.0.2.1");
  ASSERT_TRUE(session.ok());
  for (const http::Route& route : http::PeopleRoutes()) {
    SCOPED_TRACE(NameOf(route));
    const Entry& entry = people_.at(NameOf(route));
    const auto answer = People()->Ask(WithCookie(route, entry, session->second));
    EXPECT_EQ(answer.status, entry.stranger) << answer.body;
    if (answer.status < 300) {
      ExpectNothingOfTheVictim(answer);
    }
  }
  EXPECT_EQ(State(), before);
}

TEST_F(IsolationMatrix, PeopleRoutes_WithACookieThatAnotherPageSends_AreClosed) {
  people_ = PeopleEntries();
  const std::string before = State();
  const auto session = service->SignIn(world.account->sid.text(), world.token, "192.0.2.1");
  ASSERT_TRUE(session.ok());
  for (const http::Route& route : http::PeopleRoutes()) {
    SCOPED_TRACE(NameOf(route));
    std::string text = WithCookie(route, people_.at(NameOf(route)), session->second);
    const std::string own = "Strata-Console: 1\r\n";
    text.replace(text.find(own), own.size(), "Sec-Fetch-Site: cross-site\r\n");
    ExpectRefusal(People()->Ask(text), 403, 20006);
  }
  EXPECT_EQ(State(), before);
}

TEST_F(IsolationMatrix, DeviceRoutes_OfAnotherAccountsDevice_ReachNothing) {
  people_ = PeopleEntries();
  const Entries entries = DeviceEntries();
  const std::string before = State();
  for (const http::Route& route : http::DeviceSideRoutes()) {
    SCOPED_TRACE(NameOf(route));
    const Entry& entry = entries.at(NameOf(route));
    const auto answer = Device(foreign_device_)->Ask(Anonymous(route, entry));
    EXPECT_EQ(answer.status, entry.stranger) << answer.body;
    ExpectNothingOfTheVictim(answer);
  }
  EXPECT_EQ(State(), before);
}

TEST_F(IsolationMatrix, DeviceRoutes_WithoutADevicesCertificate_AreClosed) {
  people_ = PeopleEntries();
  const Entries entries = DeviceEntries();
  const TestKey unknown = MakeTestKey();
  const DeviceSid sid = *DeviceSid::Parse(device_.sid);
  const auto other_ca = pki::MakeCa(pki::CaUse::kDevices, std::time(nullptr));
  const TestIdentity nobody{*pki::IssueDevice(device_ca, sid, unknown.point, std::time(nullptr)),
                            unknown.key_pem};
  const TestIdentity forged{*pki::IssueDevice(*other_ca, sid, unknown.point, std::time(nullptr)),
                            unknown.key_pem};
  const std::string before = State();
  for (const http::Route& route : http::DeviceSideRoutes()) {
    SCOPED_TRACE(NameOf(route));
    const Entry& entry = entries.at(NameOf(route));
    ExpectRefusal(Device(std::nullopt)->Ask(Ready(route, entry)), 401, 20003);
    // A certificate, good or bad, is nothing where a token opens.
    const std::pair<int, int> refusal =
        route.by_token ? std::pair(401, 20003) : std::pair(403, 20006);
    ExpectRefusal(Device(nobody)->Ask(Ready(route, entry)), refusal.first, refusal.second);
    ExpectRefusal(Device(forged)->Ask(Ready(route, entry)), refusal.first, refusal.second);
    ExpectRefusal(People()->Ask(Ready(route, entry)), 404, 20404);
  }
  for (const http::Route& route : http::PeopleRoutes()) {
    SCOPED_TRACE(NameOf(route));
    ExpectRefusal(
        Device(device_.identity)->Ask(Ready(route, people_.at(NameOf(route)))), 404, 20404);
  }
  EXPECT_EQ(State(), before);
}

}  // namespace
}  // namespace strata::cloud
