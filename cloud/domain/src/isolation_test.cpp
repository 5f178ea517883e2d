// SPDX-License-Identifier: Apache-2.0
// Two accounts never see each other's: every function of Service, called with the wrong account.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::IsEmpty;

class Isolation : public testing::Test {
 protected:
  TestWorld world_;
  const bundle::CreatedBundle bundle_ = world_.SignedBundle();
  const App app_ = world_.UploadZip(*world_.account, bundle_.zip, "blink", "key")->app;
  TestWorld::TestDevice device_ = world_.MakeDevice("kitchen");
  const Account& stranger_ = *world_.stranger;
  Service& service_ = *world_.service;
};

TEST_F(Isolation, Authenticate_OtherAccountsToken_IsRefused) {
  EXPECT_FALSE(service_.Authenticate(stranger_.sid.text(), world_.token).ok());
}

TEST_F(Isolation, Apps_OfAnotherAccount_DoNotExist) {
  for (const std::string& name : {std::string(app_.sid.text()), std::string("blink")}) {
    EXPECT_EQ(Refusal(service_.FetchApp(stranger_, name)), std::pair(404, 20404));
    EXPECT_EQ(Refusal(service_.FetchManifest(stranger_, name)), std::pair(404, 20404));
    EXPECT_EQ(Refusal(service_.DeleteApp(stranger_, name)), std::pair(404, 20404));
  }
  EXPECT_THAT(service_.ListApps(stranger_, {})->items, IsEmpty());
  EXPECT_TRUE(service_.FetchApp(*world_.account, "blink").ok());
}

TEST_F(Isolation, CreateApp_NamesAndIdempotencyKeysAreEachAccountsOwn) {
  ASSERT_TRUE(service_.RegisterKey(stranger_, world_.signing_key.public_key(), "").ok());
  const auto theirs = world_.UploadZip(stranger_, bundle_.zip, "blink", "key");
  ASSERT_TRUE(theirs.ok()) << theirs.error().message;
  EXPECT_FALSE(theirs->replayed);
  EXPECT_NE(theirs->app.sid, app_.sid);
  EXPECT_EQ(theirs->app.account_sid, stranger_.sid);
  EXPECT_EQ(service_.FetchApp(*world_.account, "blink")->sid, app_.sid);
  EXPECT_EQ(service_.ListApps(*world_.account, {})->items.size(), 1U);
}

TEST_F(Isolation, Keys_OfAnotherAccount_DoNotExist) {
  const std::string id = bundle::KeyIdText(app_.signer);
  EXPECT_EQ(Refusal(service_.FetchKey(stranger_, id)), std::pair(404, 20404));
  EXPECT_EQ(Refusal(service_.DeleteKey(stranger_, id)), std::pair(404, 20404));
  EXPECT_THAT(service_.ListKeys(stranger_, {})->items, IsEmpty());
  EXPECT_EQ(Refusal(world_.UploadZip(stranger_, bundle_.zip)), std::pair(400, 65003));
  const auto own = service_.RegisterKey(stranger_, world_.signing_key.public_key(), "mine");
  ASSERT_TRUE(own.ok());
  EXPECT_TRUE(own->second) << "the same key is new to another account";
  ASSERT_TRUE(service_.DeleteKey(stranger_, id).ok());
  EXPECT_EQ(service_.FetchKey(*world_.account, id)->friendly_name, "release");
}

TEST_F(Isolation, Devices_OfAnotherAccount_DoNotExist) {
  for (const std::string& name :
       {std::string(device_.resource.sid.text()), std::string("kitchen")}) {
    EXPECT_EQ(Refusal(service_.FetchDevice(stranger_, name)), std::pair(404, 20404));
    EXPECT_EQ(Refusal(service_.UpdateDevice(stranger_, name, {.unique_name = "stolen"})),
              std::pair(404, 20404));
  }
  EXPECT_THAT(service_.ListDevices(stranger_, {})->items, IsEmpty());
  EXPECT_EQ(Refusal(service_.ProvisionDevice(stranger_, {.public_key = device_.key.public_key()})),
            std::pair(400, 20001));
  EXPECT_EQ(world_.Fetch(device_).unique_name, "kitchen");
}

TEST_F(Isolation, UpdateDevice_TargetAppOfAnotherAccount_IsNoApp) {
  const auto key = std::move(bundle::PrivateKey::Generate()).value();
  const auto theirs = service_.ProvisionDevice(
      stranger_, {.public_key = key.public_key(), .unique_name = "kitchen"});
  ASSERT_TRUE(theirs.ok()) << "names are each account's own";
  const auto by_sid =
      service_.UpdateDevice(stranger_, "kitchen", {.target_app = std::string(app_.sid.text())});
  const auto nothing =
      service_.UpdateDevice(stranger_, "kitchen", {.target_app = "KA" + std::string(32, '0')});
  EXPECT_EQ(Refusal(by_sid), std::pair(400, 20001));
  EXPECT_EQ(by_sid.error().message, nothing.error().message);
  EXPECT_EQ(Refusal(service_.UpdateDevice(stranger_, "kitchen", {.target_app = "blink"})),
            std::pair(400, 20001));
}

TEST_F(Isolation, PageTokens_OfAnotherAccount_AreRefused) {
  world_.MakeApp(0x22);
  world_.MakeDevice();
  const auto other_key = std::move(bundle::PrivateKey::Generate()).value();
  ASSERT_TRUE(service_.RegisterKey(*world_.account, other_key.public_key(), "").ok());
  const PageRequest one{.page_size = 1};
  const auto apps = service_.ListApps(*world_.account, one)->next_token;
  const auto keys = service_.ListKeys(*world_.account, one)->next_token;
  const auto devices = service_.ListDevices(*world_.account, one)->next_token;
  ASSERT_TRUE(apps && keys && devices);
  EXPECT_EQ(Refusal(service_.ListApps(stranger_, {.page_token = apps})), std::pair(400, 20002));
  EXPECT_EQ(Refusal(service_.ListKeys(stranger_, {.page_token = keys})), std::pair(400, 20002));
  EXPECT_EQ(Refusal(service_.ListDevices(stranger_, {.page_token = devices})),
            std::pair(400, 20002));
}

TEST_F(Isolation, DeviceSide_IdentityUnderTheWrongAccount_ReachesNothing) {
  const Device targeted = world_.Deploy(device_, app_);
  DeviceIdentity forged = device_.identity;
  forged.account_sid = stranger_.sid;
  const Digest layer = bundle_.body.layers.front().fetch_digest;
  EXPECT_EQ(Refusal(service_.Desired(forged)), std::pair(403, 20006));
  EXPECT_EQ(Refusal(service_.ManifestForDevice(forged, app_.manifest_hash)), std::pair(403, 20006));
  EXPECT_EQ(Refusal(service_.LayerForDevice(forged, layer)), std::pair(403, 20006));
  const wire::Report report{
      .deployment_id = *targeted.app.deployment_id, .state = wire::UpdateState::kIdle, .error = {}};
  EXPECT_EQ(Refusal(service_.TakeReport(forged, EncodeReport(report))), std::pair(403, 20006));
  const auto receipt = SignReceipt(ReceiptFor(targeted, 1, wire::Verdict::kConfirmed), device_.key);
  EXPECT_EQ(Refusal(service_.TakeReceipt(forged, receipt)), std::pair(403, 20006));
  EXPECT_EQ(world_.Fetch(device_).app.update_status, UpdateStatus::kPending);
}

TEST_F(Isolation, DeviceSide_DeviceOfAnotherAccountWithTheSameBytes_ReadsOnlyItsOwn) {
  // The stranger has the very same bundle, so its layers lie in the same blobs; rights come from
  // metadata alone.
  const auto key = std::move(bundle::PrivateKey::Generate()).value();
  ASSERT_TRUE(service_.ProvisionDevice(stranger_, {.public_key = key.public_key()}).ok());
  const auto identity = service_.IdentifyDevice(bundle::PublicKeyFingerprint(key.public_key()));
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->account_sid, stranger_.sid);
  const Digest layer = bundle_.body.layers.front().fetch_digest;
  world_.Deploy(device_, app_);
  EXPECT_EQ(Refusal(service_.LayerForDevice(*identity, layer)), std::pair(404, 20404));
  EXPECT_EQ(Refusal(service_.ManifestForDevice(*identity, app_.manifest_hash)),
            std::pair(404, 20404));
}

}  // namespace
}  // namespace strata::cloud
