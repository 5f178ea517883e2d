// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Apps : public testing::Test {
 protected:
  ApiOutcome Delete(const App& app) {
    return world_.service->DeleteApp(*world_.account, app.sid.text());
  }

  void Receive(const TestWorld::TestDevice& device, std::uint64_t counter, wire::Verdict verdict) {
    ASSERT_TRUE(world_.service
                    ->TakeReceipt(
                        device.identity,
                        SignReceipt(ReceiptFor(world_.Fetch(device), counter, verdict), device.key))
                    .ok());
  }

  TestWorld world_;
};

TEST_F(Apps, Fetch_BySidOrName_GivesTheWholeApp) {
  const App app = world_.MakeApp(0x11, "blink");
  const auto by_name = world_.service->FetchApp(*world_.account, "blink");
  const auto by_sid = world_.service->FetchApp(*world_.account, app.sid.text());
  ASSERT_TRUE(by_name.ok() && by_sid.ok());
  for (const App& fetched : {*by_name, *by_sid}) {
    EXPECT_EQ(fetched.sid, app.sid);
    EXPECT_EQ(fetched.account_sid, app.account_sid);
    EXPECT_EQ(fetched.manifest_hash, app.manifest_hash);
    EXPECT_EQ(fetched.unique_name, app.unique_name);
    EXPECT_EQ(fetched.app_version, app.app_version);
    EXPECT_EQ(fetched.hardware_type, app.hardware_type);
    EXPECT_EQ(fetched.signer, app.signer);
    EXPECT_EQ(fetched.encrypted, app.encrypted);
    EXPECT_EQ(fetched.layer_count, app.layer_count);
    EXPECT_EQ(fetched.size_bytes, app.size_bytes);
    EXPECT_EQ(fetched.date_created, app.date_created);
    EXPECT_EQ(fetched.date_updated, app.date_updated);
  }
}

TEST_F(Apps, FetchManifest_GivesTheSignedBytes) {
  const auto bundle = world_.SignedBundle();
  const auto app = world_.UploadZip(*world_.account, bundle.zip, "blink");
  const auto manifest = world_.service->FetchManifest(*world_.account, "blink");
  ASSERT_TRUE(app.ok() && manifest.ok());
  EXPECT_EQ(manifest->bytes, bundle::SerializeManifest(bundle.manifest));
  EXPECT_EQ(bundle::Sha256(manifest->bytes), manifest->app.manifest_hash);
  const auto missing = world_.service->FetchManifest(*world_.account, "nothing");
  EXPECT_EQ(Refusal(missing), std::pair(404, 20404));
  EXPECT_THAT(missing.error().message, HasSubstr("/v1/Apps/nothing/Manifest"));
}

TEST_F(Apps, Delete_UnusedApp_IsGoneAndItsNameIsFree) {
  const App app = world_.MakeApp(0x11, "blink");
  ASSERT_TRUE(Delete(app).ok());
  EXPECT_EQ(Refusal(world_.service->FetchApp(*world_.account, "blink")), std::pair(404, 20404));
  EXPECT_EQ(Refusal(Delete(app)), std::pair(404, 20404));
  world_.MakeApp(0x11, "blink");
}

TEST_F(Apps, Delete_TargetedApp_NamesTheDevice) {
  const App app = world_.MakeApp();
  const auto device = world_.MakeDevice("kitchen");
  world_.Deploy(device, app);
  const ApiOutcome refused = Delete(app);
  EXPECT_EQ(Refusal(refused), std::pair(400, 65004));
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr(std::string(device.resource.sid.text())),
                    HasSubstr("kitchen"),
                    HasSubstr("targets it"),
                    HasSubstr("strata devices update")));
  EXPECT_TRUE(world_.service->FetchApp(*world_.account, app.sid.text()).ok());
}

TEST_F(Apps, Delete_AppThatStillRuns_WaitsForTheDevice) {
  const App old_app = world_.MakeApp(0x11);
  const App new_app = world_.MakeApp(0x22);
  const auto device = world_.MakeDevice();
  world_.Deploy(device, old_app);
  Receive(device, 1, wire::Verdict::kConfirmed);
  world_.Deploy(device, new_app);
  const ApiOutcome refused = Delete(old_app);
  EXPECT_EQ(Refusal(refused), std::pair(400, 65004));
  EXPECT_THAT(refused.error().message,
              HasSubstr("waiting for " + std::string(device.resource.sid.text()) + " to confirm"));
  Receive(device, 2, wire::Verdict::kConfirmed);
  EXPECT_TRUE(Delete(old_app).ok());
  EXPECT_FALSE(Delete(new_app).ok());
}

TEST_F(Apps, Delete_AppOfARunningUpdate_WaitsForTheDevice) {
  const App first = world_.MakeApp(0x11);
  const App second = world_.MakeApp(0x22);
  const auto device = world_.MakeDevice();
  const Device targeted = world_.Deploy(device, first);
  wire::Report report{.deployment_id = *targeted.app.deployment_id,
                      .state = wire::UpdateState::kApplying,
                      .error = {}};
  ASSERT_TRUE(world_.service->TakeReport(device.identity, EncodeReport(report)).ok());
  world_.Deploy(device, second);
  EXPECT_THAT(Delete(first).error().message, HasSubstr("waiting for"));
  report.deployment_id = *world_.Fetch(device).app.deployment_id;
  ASSERT_TRUE(world_.service->TakeReport(device.identity, EncodeReport(report)).ok());
  EXPECT_TRUE(Delete(first).ok());
}

TEST_F(Apps, Delete_ManyDevices_NamesThreeAndCountsTheRest) {
  const App app = world_.MakeApp();
  for (int i = 0; i < 5; ++i) {
    world_.Deploy(world_.MakeDevice("device-" + std::to_string(i)), app);
  }
  EXPECT_THAT(Delete(app).error().message,
              AllOf(HasSubstr("device-0"),
                    HasSubstr("device-2"),
                    Not(HasSubstr("device-3")),
                    HasSubstr("and 2 more")));
}

TEST_F(Apps, List_Empty_HasNoTokens) {
  const auto page = world_.service->ListApps(*world_.account, {});
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(page->items, IsEmpty());
  EXPECT_FALSE(page->next_token || page->previous_token);
  EXPECT_EQ(Refusal(world_.service->ListApps(*world_.account, {.page = 1})), std::pair(400, 20002));
  EXPECT_EQ(Refusal(world_.service->ListApps(*world_.account, {.page_size = 0})),
            std::pair(400, 20001));
}

TEST_F(Apps, Keys_RegisterTwice_IsTheSameKey) {
  const auto key = std::move(bundle::PrivateKey::Generate()).value();
  const auto first = world_.service->RegisterKey(*world_.account, key.public_key(), "ci");
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(first->second);
  EXPECT_EQ(first->first.key_id, bundle::KeyIdOf(KeyType::kManifestSigner, key.public_key()));
  const auto again = world_.service->RegisterKey(*world_.account, key.public_key(), "other");
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->second);
  EXPECT_EQ(again->first.friendly_name, "ci");
}

TEST_F(Apps, Keys_FetchListDelete) {
  const auto key = std::move(bundle::PrivateKey::Generate()).value();
  const auto made = world_.service->RegisterKey(*world_.account, key.public_key(), "ci");
  std::string id = bundle::KeyIdText(made->first.key_id);
  std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  const auto fetched = world_.service->FetchKey(*world_.account, id);
  ASSERT_TRUE(fetched.ok()) << "hex case is folded";
  EXPECT_EQ(fetched->public_key, key.public_key());
  EXPECT_EQ(fetched->friendly_name, "ci");
  const auto list = world_.service->ListKeys(*world_.account, {});
  ASSERT_EQ(list->items.size(), 2U);
  EXPECT_EQ(list->items.front().key_id, made->first.key_id);
  EXPECT_TRUE(world_.service->DeleteKey(*world_.account, id).ok());
  EXPECT_EQ(Refusal(world_.service->FetchKey(*world_.account, id)), std::pair(404, 20404));
  EXPECT_EQ(Refusal(world_.service->DeleteKey(*world_.account, id)), std::pair(404, 20404));
  EXPECT_EQ(Refusal(world_.service->FetchKey(*world_.account, "no-id")), std::pair(404, 20404));
}

TEST_F(Apps, Keys_BadFriendlyName_IsRefused) {
  const auto key = std::move(bundle::PrivateKey::Generate()).value();
  EXPECT_EQ(
      Refusal(world_.service->RegisterKey(*world_.account, key.public_key(), std::string(65, 'a'))),
      std::pair(400, 20001));
}

TEST_F(Apps, Authenticate_RightToken_GivesTheAccount) {
  const auto account = world_.service->Authenticate(world_.account->sid.text(), world_.token);
  ASSERT_TRUE(account.ok());
  EXPECT_EQ(account->account.sid, world_.account->sid);
  EXPECT_EQ(account->account.friendly_name, "ours");
  EXPECT_EQ(account->scopes, Scopes(Scope::kAdmin));
}

TEST_F(Apps, Authenticate_AnythingElse_IsTheSameRefusal) {
  const std::string sid(world_.account->sid.text());
  const std::string stranger(world_.stranger->sid.text());
  const std::string nobody = "AC" + std::string(32, '0');
  std::string changed = world_.token;
  changed.back() = changed.back() == '0' ? '1' : '0';
  const auto right = world_.service->Authenticate(sid, changed);
  ASSERT_FALSE(right.ok());
  for (const auto& [name, token] :
       std::vector<std::pair<std::string, std::string>>{{sid, ""},
                                                        {sid, world_.token + "0"},
                                                        {sid, world_.token.substr(1)},
                                                        {stranger, world_.token},
                                                        {nobody, world_.token},
                                                        {nobody, ""},
                                                        {"", ""},
                                                        {"rubbish", world_.token}}) {
    const auto result = world_.service->Authenticate(name, token);
    EXPECT_EQ(Refusal(result), std::pair(401, 20003)) << name;
    EXPECT_EQ(result.error().message, right.error().message);
  }
}

TEST_F(Apps, CreateAccount_TokenIsHighEntropyAndNotStored) {
  EXPECT_EQ(world_.token.size(), 32U);
  EXPECT_EQ(world_.token.find_first_not_of("0123456789abcdef"), std::string::npos);
  Digest stored;
  ASSERT_TRUE(world_.store
                  ->Read([&](StoreView& view) -> Status {
                    STRATA_TRY_ASSIGN(const auto record, view.FindAccount(world_.account->sid));
                    stored = record->token_hash;
                    return {};
                  })
                  .ok());
  EXPECT_EQ(stored, bundle::Sha256(AsBytes(world_.token)));
  world_.random.SetFailing(true);
  EXPECT_EQ(Refusal(world_.service->CreateAccount("x")), std::pair(500, 20500));
}

TEST_F(Apps, DamagedDatabase_IsToldAndRefusedAsSuch) {
  EXPECT_TRUE(world_.service->CheckDatabase([] { return true; }).ok());
  world_.store->damaged = true;
  EXPECT_EQ(Refusal(world_.service->CheckDatabase([] { return true; })), std::pair(503, 20503));
  EXPECT_THAT(world_.service->Health(), HasSubstr("damaged"));
  EXPECT_EQ(Refusal(world_.service->ListApps(*world_.account, {})), std::pair(503, 20503));
}

TEST_F(Apps, Health_SaysWhatDoesNotAnswer) {
  EXPECT_EQ(world_.service->Health(), "");
  world_.store->healthy = false;
  EXPECT_THAT(world_.service->Health(), HasSubstr("database"));
  world_.blobs->healthy = false;
  EXPECT_THAT(world_.service->Health(), AllOf(HasSubstr("database"), HasSubstr("blob")));
}

}  // namespace
}  // namespace strata::cloud
