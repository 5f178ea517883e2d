// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <future>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "strata/format/bundle/new_keys.hpp"
#include "strata/format/wire/wire.hpp"

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

std::string Post(const std::string& path, const std::string& body, const std::string& type) {
  return "POST " + path + " HTTP/1.1\r\nHost: cloud\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class DeviceServer : public ServerWorld {
 protected:
  /// A request for the current state that would wait.
  std::string Waiting(TestClient& client, int seconds) {
    const auto now = client.Ask(Get(kDesired));
    EXPECT_EQ(now.status, 200);
    return Get(kDesired,
               "If-None-Match: " + now.Header("etag") +
                   "\r\nPrefer: wait=" + std::to_string(seconds) + "\r\n");
  }
};

TEST_F(DeviceServer, Request_WithoutCertificate_Is401) {
  const auto client = Device(std::nullopt);
  const auto refused = client->Ask(Get(kDesired));
  EXPECT_EQ(refused.status, 401);
  EXPECT_NE(refused.body.find("people and scripts use"), std::string::npos) << refused.body;
  EXPECT_TRUE(client->Closed());
}

TEST_F(DeviceServer, Request_WithACertificateOfAnotherCa_Is403) {
  const auto other_ca = pki::MakeCa(pki::CaUse::kDevices, std::time(nullptr));
  const auto device = Provision();
  const TestKey key = MakeTestKey();
  const auto foreign =
      pki::IssueDevice(*other_ca, *DeviceSid::Parse(device.sid), key.point, std::time(nullptr));
  EXPECT_EQ(Device(TestIdentity{*foreign, key.key_pem})->Ask(Get(kDesired)).status, 403);
}

TEST_F(DeviceServer, Request_WithTheServerCasCertificate_Is403) {
  const auto device = Provision();
  const TestKey key = MakeTestKey();
  const auto wrong =
      pki::IssueDevice(server_ca, *DeviceSid::Parse(device.sid), key.point, std::time(nullptr));
  EXPECT_EQ(Device(TestIdentity{*wrong, key.key_pem})->Ask(Get(kDesired)).status, 403);
}

TEST_F(DeviceServer, Request_WithAKeyThatIsNotRegistered_Is403WhateverItsName) {
  const auto device = Provision();
  const TestKey key = MakeTestKey();
  const auto stray =
      pki::IssueDevice(device_ca, *DeviceSid::Parse(device.sid), key.point, std::time(nullptr));
  EXPECT_EQ(Device(TestIdentity{*stray, key.key_pem})->Ask(Get(kDesired)).status, 403);
}

TEST_F(DeviceServer, Settings_OverMutualTls_AnswersInTheOrderAsked) {
  const auto device = Provision("kitchen");
  const auto other = Provision("attic");
  const auto people = People();
  for (const std::string& path :
       {std::string("/v1/Devices/kitchen/Secrets"), std::string("/v1/Configs")}) {
    ASSERT_EQ(people->Ask(FormRequest(path, "Key=wi%2Ffi&Value=" + Encode(path))).status, 201);
  }
  wire::SettingsRequest request{.names = {}, .count = 2};
  const auto key = *wire::SettingKey::Parse("wi/fi");
  request.names[0] = {wire::SettingKind::kConfig, wire::SettingScope::kAccount, key};
  request.names[1] = {wire::SettingKind::kSecret, wire::SettingScope::kDevice, key};
  std::vector<std::uint8_t> bytes(wire::kMaxSettingsRequestBytes);
  bytes.resize(wire::Encode(request, bytes).value());
  const std::string protobuf = "application/x-protobuf";
  const std::string asked = Post("/device/v1/settings", std::string(AsText(bytes)), protobuf);
  const auto mine = Device(device.identity)->Ask(asked);
  ASSERT_EQ(mine.status, 200) << mine.body;
  EXPECT_EQ(mine.Header("content-type"), protobuf);
  EXPECT_EQ(mine.Header("cache-control"), "no-store");
  const auto answer = wire::DecodeSettingsAnswer(AsBytes(mine.body));
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->count, 2U);
  EXPECT_EQ(AsText(answer->items[0].value), "/v1/Configs");
  EXPECT_EQ(AsText(answer->items[1].value), "/v1/Devices/kitchen/Secrets");
  const auto theirs = Device(other.identity)->Ask(asked);
  EXPECT_EQ(wire::DecodeSettingsAnswer(AsBytes(theirs.body))->items[1].status,
            wire::SettingStatus::kKeyNotFound);
  EXPECT_EQ(Device(device.identity)->Ask(Post("/device/v1/settings", "x", protobuf)).status, 400);
  EXPECT_EQ(Device(device.identity)->Ask(Post("/device/v1/settings", "", "text/plain")).status,
            415);
  EXPECT_EQ(Device(std::nullopt)->Ask(asked).status, 401);
}

constexpr std::int64_t kLongAgo = 1'000'000'000;
const DeviceSid kSomeSid = *DeviceSid::Parse("UV00112233445566778899aabbccddeeff");
const std::string kPkcs10 = "application/pkcs10";
const std::string kCertificate = "/device/v1/certificate";

/// The bytes between the lines of a PEM text.
TEST_F(DeviceServer, ExpiredCertificate_MayRenewAndNothingElse) {
  const TestKey key = MakeTestKey();
  ASSERT_EQ(People()->Ask(FormRequest("/v1/Devices", "Csr=" + Encode(key.csr_pem))).status, 201);
  const TestIdentity expired{*pki::IssueDevice(device_ca, kSomeSid, key.point, kLongAgo),
                             key.key_pem};
  for (const std::string& request : {Get(kDesired),
                                     Get("/device/v1/keys/1"),
                                     Get("/device/v1/manifests/" + std::string(64, '0')),
                                     Get("/device/v1/layers/" + std::string(64, '0')),
                                     Get("/device/v1/nothing"),
                                     Get(kCertificate),
                                     Post("/device/v1/reports", "", "application/x-protobuf"),
                                     Post("/device/v1/receipts", "", "application/x-protobuf")}) {
    const auto refused = Device(expired)->Ask(request);
    EXPECT_EQ(refused.status, 403) << request;
    EXPECT_NE(refused.body.find("has expired"), std::string::npos) << refused.body;
  }
  const auto renewed = Device(expired)->Ask(Post(kCertificate, DerOf(key.csr_pem), kPkcs10));
  ASSERT_EQ(renewed.status, 200) << renewed.body;
  EXPECT_EQ(renewed.Header("content-type"), "application/pkix-cert");
  const auto* der = reinterpret_cast<const unsigned char*>(renewed.body.data());
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      d2i_X509(nullptr, &der, static_cast<long>(renewed.body.size())), X509_free);
  ASSERT_NE(certificate, nullptr);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> pem(BIO_new(BIO_s_mem()), BIO_free_all);
  PEM_write_bio_X509(pem.get(), certificate.get());
  char* text = nullptr;
  const long length = BIO_get_mem_data(pem.get(), &text);
  const TestIdentity fresh{std::string(text, static_cast<std::size_t>(length)), key.key_pem};
  EXPECT_EQ(Device(fresh)->Ask(Get(kDesired)).status, 200);
}

TEST_F(DeviceServer, CertificateFromAClockThatWasAhead_MayBeRenewed) {
  const TestKey key = MakeTestKey();
  ASSERT_EQ(People()->Ask(FormRequest("/v1/Devices", "Csr=" + Encode(key.csr_pem))).status, 201);
  const std::int64_t years_ahead = std::time(nullptr) + 1000 * 86400;
  const TestIdentity early{*pki::IssueDevice(device_ca, kSomeSid, key.point, years_ahead),
                           key.key_pem};
  EXPECT_EQ(Device(early)->Ask(Get(kDesired)).status, 403);
  const auto renewed = Device(early)->Ask(Post(kCertificate, DerOf(key.csr_pem), kPkcs10));
  EXPECT_EQ(renewed.status, 200) << renewed.body;
}

TEST_F(DeviceServer, ExpiredCertificate_OfAnotherCaOrUnknownKey_MayNotEvenRenew) {
  const TestKey key = MakeTestKey();
  const std::string request = Post(kCertificate, DerOf(key.csr_pem), kPkcs10);
  const TestIdentity unknown{*pki::IssueDevice(device_ca, kSomeSid, key.point, kLongAgo),
                             key.key_pem};
  EXPECT_EQ(Device(unknown)->Ask(request).status, 403);
  ASSERT_EQ(People()->Ask(FormRequest("/v1/Devices", "Csr=" + Encode(key.csr_pem))).status, 201);
  const auto other_ca = pki::MakeCa(pki::CaUse::kDevices, std::time(nullptr));
  for (const pki::Credential& ca : {*other_ca, server_ca}) {
    const TestIdentity foreign{*pki::IssueDevice(ca, kSomeSid, key.point, kLongAgo), key.key_pem};
    EXPECT_EQ(Device(foreign)->Ask(request).status, 403);
  }
  EXPECT_EQ(Device(std::nullopt)->Ask(request).status, 401);
}

TEST_F(DeviceServer, Renewal_ForAnotherKeyOrOfAnotherForm_Is400) {
  const auto device = Provision();
  const TestKey other = MakeTestKey();
  const std::string der = DerOf(other.csr_pem);
  EXPECT_EQ(Device(device.identity)->Ask(Post(kCertificate, der, kPkcs10)).status, 400);
  EXPECT_EQ(Device(device.identity)->Ask(Post(kCertificate, other.csr_pem, kPkcs10)).status, 400);
  EXPECT_EQ(Device(device.identity)->Ask(Post(kCertificate, "", kPkcs10)).status, 400);
  EXPECT_EQ(Device(device.identity)->Ask(Post(kCertificate, der, "text/plain")).status, 415);
  EXPECT_EQ(
      Device(device.identity)->Ask(Post(kCertificate, std::string(2049, 'x'), kPkcs10)).status,
      413);
}

TEST_F(DeviceServer, KeyChange_DuringTheWait_WakesEveryDeviceAndIsServed) {
  const auto first = Provision();
  const auto second = Provision();
  const auto first_client = Device(first.identity);
  const auto second_client = Device(second.identity);
  ASSERT_TRUE(first_client->Send(Waiting(*first_client, 60)));
  ASSERT_TRUE(second_client->Send(Waiting(*second_client, 60)));
  ASSERT_TRUE(Eventually([&] { return polls.size() == 2; }));
  const auto rotation = std::move(bundle::PrivateKey::Generate()).value();
  ASSERT_TRUE(
      service->RegisterKey(*world.account, rotation.public_key(), "", KeyType::kRotation).ok());
  bundle::NewKeysBody body;
  body.sequence = 1;
  ASSERT_TRUE(FromHex(world.account->sid.text().substr(2), body.fleet));
  const auto message = bundle::SignNewKeys(body, rotation).value();
  ASSERT_TRUE(service->CreateKeyChange(*world.account, message).ok());
  for (TestClient* client : {first_client.get(), second_client.get()}) {
    const auto response = client->Receive();
    ASSERT_EQ(response.status, 200);
    EXPECT_EQ(wire::DecodeDesiredState(AsBytes(response.body))->keys_sequence, 1U);
    const auto keys = client->Ask(Get("/device/v1/keys/1"));
    EXPECT_EQ(keys.status, 200);
    EXPECT_EQ(keys.Header("content-type"), "application/x-protobuf");
    EXPECT_EQ(keys.body, AsText(message));
    EXPECT_EQ(client->Ask(Get("/device/v1/keys/2")).status, 404);
    EXPECT_EQ(client->Ask(Get("/device/v1/keys/01")).status, 404);
  }
}

TEST_F(DeviceServer, Desired_NeverTargeted_IsEmptyWithAnETag) {
  const auto device = Provision();
  const auto response = Device(device.identity)->Ask(Get(kDesired));
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("content-type"), "application/x-protobuf");
  EXPECT_EQ(response.Header("etag").front(), '"');
  EXPECT_TRUE(wire::DecodeDesiredState(AsBytes(response.body)).ok());
}

TEST_F(DeviceServer, Desired_KnownWithoutWait_Is304AtOnce) {
  const auto device = Provision();
  const auto client = Device(device.identity);
  const auto now = client->Ask(Get(kDesired));
  const auto again = client->Ask(Get(kDesired, "If-None-Match: " + now.Header("etag") + "\r\n"));
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.Header("etag"), now.Header("etag"));
  EXPECT_EQ(again.headers.count("content-length"), 0U);
}

TEST_F(DeviceServer, Desired_UnchangedForTheWholeWait_Is304) {
  const auto device = Provision();
  const auto client = Device(device.identity);
  const std::string request = Waiting(*client, 1);
  const auto before = std::chrono::steady_clock::now();
  const auto response = client->Ask(request);
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.Header("preference-applied"), "wait=1");
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(950));
  EXPECT_EQ(polls.size(), 0U);
}

TEST_F(DeviceServer, Desired_TargetChangesDuringTheWait_AnswersAtOnce) {
  const std::string app = MakeApp();
  const auto device = Provision();
  const auto client = Device(device.identity);
  ASSERT_TRUE(client->Send(Waiting(*client, 60)));
  ASSERT_TRUE(Eventually([&] { return polls.size() == 1; }));
  const auto before = std::chrono::steady_clock::now();
  ASSERT_EQ(Deploy(device.sid, app).status, 200);
  const auto response = client->Receive();
  EXPECT_EQ(response.status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  EXPECT_NE(response.body.find(app), std::string::npos);
}

TEST_F(DeviceServer, Desired_ChangesWithoutPause_AreNeverLost) {
  const std::vector<std::string> apps = {MakeApp(1), MakeApp(2)};
  const auto device = Provision();
  const auto client = Device(device.identity);
  const auto people = People();
  for (std::size_t i = 0; i < 20; ++i) {
    const std::string request = Waiting(*client, 60);
    auto answer = std::async(std::launch::async, [&] { return client->Ask(request); });
    const auto deployed =
        people->Ask(FormRequest("/v1/Devices/" + device.sid, "TargetApp=" + apps[i % apps.size()]));
    ASSERT_EQ(deployed.status, 200);
    const auto response = answer.get();
    ASSERT_EQ(response.status, 200) << "round " << i;
    ASSERT_NE(response.body.find(apps[i % apps.size()]), std::string::npos) << "round " << i;
  }
}

TEST_F(DeviceServer, Desired_ClientGoesAway_WaitsNoLonger) {
  const auto device = Provision();
  const auto client = Device(device.identity);
  ASSERT_TRUE(client->Send(Waiting(*client, 60)));
  ASSERT_TRUE(Eventually([&] { return polls.size() == 1; }));
  client->Disconnect();
  EXPECT_TRUE(Eventually([&] { return polls.size() == 0; }));
}

TEST_F(DeviceServer, Desired_PipelinedRequestBehindAWait_IsAnsweredAfterIt) {
  const auto device = Provision();
  const auto client = Device(device.identity);
  ASSERT_TRUE(client->Send(Waiting(*client, 1)));
  ASSERT_TRUE(Eventually([&] { return polls.size() == 1; }));
  ASSERT_TRUE(client->Send(Get(kDesired)));
  EXPECT_EQ(client->Receive().status, 304);
  EXPECT_EQ(client->Receive().status, 200);
}

TEST_F(DeviceServer, Desired_MoreWaitsThanADeviceMayHave_LetTheOldestGo) {
  const auto device = Provision();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (std::size_t i = 0; i <= WaitingPolls::kPerDevice; ++i) {
    clients.push_back(Device(device.identity));
    ASSERT_TRUE(clients.back()->Send(Waiting(*clients.back(), 60)));
    ASSERT_TRUE(Eventually(
        [&] { return polls.size() == std::min<std::size_t>(i + 1, WaitingPolls::kPerDevice); }));
  }
  EXPECT_EQ(clients.front()->Receive().status, 304);
}

TEST_F(DeviceServer, Stop_WithWaitingPolls_AnswersThemAndEnds) {
  const auto device = Provision();
  const auto client = Device(device.identity);
  ASSERT_TRUE(client->Send(Waiting(*client, 60)));
  ASSERT_TRUE(Eventually([&] { return polls.size() == 1; }));
  auto stopping = std::async(std::launch::async, [&] { server->Stop(); });
  const auto response = client->Receive();
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.Header("connection"), "close");
  client->Disconnect();
  EXPECT_EQ(stopping.wait_for(std::chrono::seconds(5)), std::future_status::ready);
}

TEST_F(DeviceServer, Posts_ThatAreNotWhatTheySay_AreRefused) {
  const auto device = Provision();
  const std::string type = "application/x-protobuf";
  EXPECT_EQ(Device(device.identity)->Ask(Post("/device/v1/receipts", "junk", type)).status, 400);
  EXPECT_EQ(Device(device.identity)->Ask(Post("/device/v1/reports", "\xff\xff", type)).status, 400);
  EXPECT_EQ(Device(device.identity)->Ask(Post("/device/v1/reports", "", "text/plain")).status, 415);
  EXPECT_EQ(
      Device(device.identity)->Ask(Post("/device/v1/reports", std::string(2049, 'x'), type)).status,
      413);
  EXPECT_EQ(Device(device.identity)->Ask(Get("/device/v1/nothing")).status, 404);
  EXPECT_EQ(Device(device.identity)->Ask(Get("/v1/Apps")).status, 404);
}

TEST_F(DeviceServer, ReportsAndReceipts_TooOften_AreToldWhenAgain) {
  const auto device = Provision();
  const auto client = Device(device.identity);
  for (const char* what : {"receipts", "reports"}) {
    const std::string request =
        Post(std::string("/device/v1/") + what, "\xff\xff", "application/x-protobuf");
    auto answer = client->Ask(request);
    for (int i = 0; i < 2'000 && answer.status == 400; ++i) {
      answer = client->Ask(request);
    }
    EXPECT_EQ(answer.status, 429) << what;
    EXPECT_EQ(ParseJson(answer.body).at("code"), 20429);
    EXPECT_EQ(answer.Header("retry-after"), std::string(what) == "receipts" ? "6" : "1");
    EXPECT_EQ(answer.Header("connection"), "keep-alive");
  }
}

}  // namespace
}  // namespace strata::cloud
