// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Capitals(std::string_view sid) {
  std::string text(sid);
  std::transform(text.begin() + 2, text.end(), text.begin() + 2, [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

class Devices : public testing::Test {
 protected:
  ApiResult<Device> Update(std::string_view name, const DeviceUpdate& update) {
    return world_.service->UpdateDevice(*world_.account, name, update);
  }

  TestWorld world_;
};

TEST_F(Devices, Provision_NewKey_HasNoTargetAndIsUpToDate) {
  const auto device = world_.MakeDevice("kitchen");
  const Device fetched = world_.Fetch(device);
  EXPECT_EQ(fetched.account_sid, world_.account->sid);
  EXPECT_EQ(fetched.unique_name, "kitchen");
  EXPECT_EQ(fetched.hardware_type, "stm32u585");
  EXPECT_FALSE(fetched.development);
  EXPECT_FALSE(fetched.app.target_sid || fetched.app.target_hash || fetched.app.date_targeted);
  EXPECT_FALSE(fetched.app.reported_sid || fetched.app.date_reported || fetched.app.deployment_id);
  EXPECT_EQ(fetched.app.update_status, UpdateStatus::kUpToDate);
  EXPECT_EQ(fetched.app.update_error_code, 0U);
  EXPECT_FALSE(fetched.date_last_seen.has_value());
  EXPECT_EQ(device.identity.public_key, device.key.public_key());
}

TEST_F(Devices, Provision_KnownKey_GivesTheSameDevice) {
  const auto device = world_.MakeDevice("kitchen");
  const auto again = world_.service->ProvisionDevice(
      *world_.account, {.public_key = device.key.public_key(), .unique_name = "other"});
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->existed);
  EXPECT_EQ(again->device.sid, device.resource.sid);
  EXPECT_EQ(again->device.unique_name, "kitchen");
}

TEST_F(Devices, Provision_KeyOfAnotherAccount_RevealsNothing) {
  const auto device = world_.MakeDevice("kitchen");
  const auto taken =
      world_.service->ProvisionDevice(*world_.stranger, {.public_key = device.key.public_key()});
  EXPECT_EQ(Refusal(taken), std::pair(400, 20001));
  EXPECT_THAT(taken.error().message,
              testing::Not(HasSubstr(std::string(device.resource.sid.text()))));
}

TEST_F(Devices, Provision_BadFields_AreRefused) {
  const auto key = std::move(bundle::PrivateKey::Generate()).value();
  world_.MakeDevice("kitchen");
  const auto refusal = [&](DeviceRequest request) {
    request.public_key = key.public_key();
    return Refusal(world_.service->ProvisionDevice(*world_.account, request));
  };
  EXPECT_EQ(refusal({.hardware_type = "toaster"}), std::pair(400, 20001));
  EXPECT_EQ(refusal({.unique_name = "a/b"}), std::pair(400, 20001));
  EXPECT_EQ(refusal({.unique_name = ""}), std::pair(400, 20001));
  EXPECT_EQ(refusal({.unique_name = "kitchen"}), std::pair(409, 20409));
  EXPECT_EQ(refusal({.hardware_type = "mps2-an505", .development = true}), std::pair(200, 0));
}

TEST_F(Devices, Provision_WithoutHardware_IsTheDefaultProfile) {
  const auto key = std::move(bundle::PrivateKey::Generate()).value();
  const auto made =
      world_.service->ProvisionDevice(*world_.account, {.public_key = key.public_key()});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->device.hardware_type, "stm32u585");
}

TEST_F(Devices, Fetch_BySidInAnyCaseOrByName) {
  const auto device = world_.MakeDevice("kitchen");
  for (const std::string& name : {std::string(device.resource.sid.text()),
                                  Capitals(device.resource.sid.text()),
                                  std::string("kitchen")}) {
    const auto fetched = world_.service->FetchDevice(*world_.account, name);
    ASSERT_TRUE(fetched.ok()) << name;
    EXPECT_EQ(fetched->sid, device.resource.sid);
  }
  EXPECT_EQ(Refusal(world_.service->FetchDevice(*world_.account, "Kitchen")),
            std::pair(404, 20404));
}

TEST_F(Devices, Fetch_Unknown_NamesThePathEncoded) {
  const auto missing = world_.service->FetchDevice(*world_.account, "a b\xff");
  EXPECT_EQ(Refusal(missing), std::pair(404, 20404));
  EXPECT_EQ(missing.error().message, "The requested resource /v1/Devices/a%20b%FF was not found");
}

TEST_F(Devices, Update_Logging_LastsADayAndIsExtended) {
  const auto device = world_.MakeDevice("kitchen");
  const auto logging = [&] { return world_.Fetch(device).logging_enabled; };
  const auto wire_says = [&] {
    const auto bytes = world_.service->Desired(device.identity)->bytes;
    return wire::DecodeDesiredState(bytes)->logging_enabled;
  };
  EXPECT_FALSE(logging());
  const UnixSeconds first = world_.clock.Now();
  EXPECT_EQ(Update("kitchen", {.logging_enabled = true})->logging_expires, first + 86'400);
  EXPECT_THAT(world_.signals.Take(), ElementsAre(device.resource.sid));
  EXPECT_TRUE(wire_says());
  world_.clock.Advance(80'000);
  EXPECT_EQ(Update("kitchen", {.logging_enabled = true})->logging_expires, first + 166'400);
  world_.clock.Advance(86'399);
  EXPECT_TRUE(logging() && wire_says());
  world_.clock.Advance(1);
  EXPECT_FALSE(logging() || wire_says());
  EXPECT_FALSE(world_.Fetch(device).logging_expires.has_value());
  EXPECT_FALSE(world_.service->ListDevices(*world_.account, {})->items.at(0).logging_enabled);
  ASSERT_TRUE(Update("kitchen", {.logging_enabled = true})->logging_enabled);
  EXPECT_FALSE(Update("kitchen", {.logging_enabled = false})->logging_expires.has_value());
  EXPECT_FALSE(logging() || wire_says());
}

TEST_F(Devices, LoggingOfAClockThatWasAhead_IsOver) {
  const auto device = world_.MakeDevice("kitchen");
  world_.clock.Advance(301);
  ASSERT_TRUE(Update("kitchen", {.logging_enabled = true})->logging_enabled);
  world_.clock.Advance(-300);
  EXPECT_TRUE(world_.Fetch(device).logging_enabled);
  world_.clock.Advance(-1);
  EXPECT_FALSE(world_.Fetch(device).logging_enabled);
  EXPECT_FALSE(
      wire::DecodeDesiredState(world_.service->Desired(device.identity)->bytes)->logging_enabled);
}

TEST_F(Devices, Update_Restart_CountsUpAndWakesTheDevice) {
  const auto device = world_.MakeDevice("kitchen");
  const auto counter = [&] {
    const auto bytes = world_.service->Desired(device.identity)->bytes;
    return wire::DecodeDesiredState(bytes)->restart_counter;
  };
  const std::string before = world_.service->Desired(device.identity)->etag;
  ASSERT_TRUE(Update("kitchen", {.restart_app = true}).ok());
  EXPECT_EQ(counter(), 1U);
  EXPECT_NE(world_.service->Desired(device.identity)->etag, before);
  EXPECT_THAT(world_.signals.Take(), ElementsAre(device.resource.sid));
  ASSERT_TRUE(Update("kitchen", {.restart_app = true}).ok());
  ASSERT_TRUE(Update("kitchen", {.restart_app = false}).ok());
  EXPECT_EQ(counter(), 2U);
}

TEST_F(Devices, Update_FormOfAllFields_IsAppliedWholeOrNotAtAll) {
  const auto device = world_.MakeDevice("kitchen");
  const App app = world_.MakeApp();
  const std::string sid(app.sid.text());
  for (const std::string& bad : {std::string("none"), std::string()}) {
    EXPECT_FALSE(Update("kitchen",
                        {.unique_name = "attic",
                         .target_app = bad,
                         .logging_enabled = true,
                         .restart_app = true})
                     .ok());
    const Device still = world_.Fetch(device);
    EXPECT_EQ(still.unique_name, "kitchen");
    EXPECT_FALSE(still.logging_enabled);
    EXPECT_EQ(still.restart_counter, 0U);
    EXPECT_THAT(world_.signals.Take(), IsEmpty());
  }
  const auto all = Update(
      "kitchen",
      {.unique_name = "attic", .target_app = sid, .logging_enabled = true, .restart_app = true});
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->unique_name, "attic");
  EXPECT_EQ(all->app.target_sid, app.sid);
  EXPECT_TRUE(all->logging_enabled);
  EXPECT_EQ(all->restart_counter, 1U);
}

TEST_F(Devices, Update_NewTarget_IsPendingUnderAFreshDeployment) {
  const auto device = world_.MakeDevice();
  const App app = world_.MakeApp();
  world_.clock.Advance(10);
  const Device updated = world_.Deploy(device, app);
  EXPECT_EQ(updated.app.target_sid, app.sid);
  EXPECT_EQ(updated.app.target_hash, app.manifest_hash);
  EXPECT_EQ(updated.app.date_targeted, world_.clock.Now());
  EXPECT_EQ(updated.date_updated, world_.clock.Now());
  EXPECT_EQ(updated.app.update_status, UpdateStatus::kPending);
  EXPECT_TRUE(updated.app.deployment_id.has_value());
  EXPECT_THAT(world_.signals.Take(), ElementsAre(device.resource.sid));
}

TEST_F(Devices, Update_SameTargetWhilePendingOrUpToDate_ChangesNothing) {
  const auto device = world_.MakeDevice();
  const App app = world_.MakeApp(0x11, "blink");
  const Device first = world_.Deploy(device, app);
  world_.signals.Take();
  world_.clock.Advance(100);
  const auto again = Update(device.resource.sid.text(), {.target_app = "blink"});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->app.deployment_id, first.app.deployment_id);
  EXPECT_EQ(again->app.date_targeted, first.app.date_targeted);
  EXPECT_EQ(again->date_updated, first.date_updated);
  EXPECT_THAT(world_.signals.Take(), IsEmpty());

  ASSERT_TRUE(
      world_.service
          ->TakeReceipt(device.identity,
                        SignReceipt(ReceiptFor(first, 1, wire::Verdict::kConfirmed), device.key))
          .ok());
  const Device third = world_.Deploy(device, app);
  EXPECT_EQ(third.app.deployment_id, first.app.deployment_id);
  EXPECT_EQ(third.app.update_status, UpdateStatus::kUpToDate);
}

TEST_F(Devices, Update_SameTargetAfterError_DeploysAgain) {
  const auto device = world_.MakeDevice();
  const App app = world_.MakeApp();
  const Device first = world_.Deploy(device, app);
  wire::ReceiptBody receipt = ReceiptFor(first, 1, wire::Verdict::kFailed);
  receipt.error = Fail(Code::kLayerHashMismatch, Op::kFetchLayer, 2);
  ASSERT_TRUE(world_.service->TakeReceipt(device.identity, SignReceipt(receipt, device.key)).ok());
  const Device second = world_.Deploy(device, app);
  EXPECT_NE(second.app.deployment_id, first.app.deployment_id);
  EXPECT_EQ(second.app.update_status, UpdateStatus::kPending);
  EXPECT_EQ(second.app.update_error_code, 0U);
  EXPECT_EQ(second.app.update_error_op, 0U);
  EXPECT_EQ(second.app.update_error_detail, 0U);
}

TEST_F(Devices, Update_TargetThatIsNone_IsRefused) {
  const auto device = world_.MakeDevice();
  const std::string sid(device.resource.sid.text());
  EXPECT_EQ(Refusal(Update(sid, {.target_app = ""})), std::pair(400, 20001));
  EXPECT_EQ(Refusal(Update(sid, {.target_app = "nothing"})), std::pair(400, 20001));
  EXPECT_EQ(Refusal(Update(sid, {.target_app = "KA" + std::string(32, '0')})),
            std::pair(400, 20001));
  EXPECT_EQ(Refusal(Update(sid, {.target_app = sid})), std::pair(400, 20001));
  EXPECT_FALSE(world_.Fetch(device).app.target_sid.has_value());
}

TEST_F(Devices, Update_AppForOtherHardware_IsRefused) {
  const auto device = world_.MakeDevice();
  const auto other = world_.UploadZip(
      *world_.account,
      TestWorld::MakeBundle({.signing_key = &world_.signing_key, .hardware = "mps2-an505"}).zip);
  ASSERT_TRUE(other.ok());
  const auto refused =
      Update(device.resource.sid.text(), {.target_app = std::string(other->app.sid.text())});
  EXPECT_EQ(Refusal(refused), std::pair(400, 65005));
  EXPECT_THAT(refused.error().message, HasSubstr("mps2-an505"));
  EXPECT_THAT(refused.error().message, HasSubstr("stm32u585"));
}

TEST_F(Devices, Update_Name_SetsChangesAndClears) {
  const auto device = world_.MakeDevice();
  const std::string sid(device.resource.sid.text());
  EXPECT_EQ(Update(sid, {.unique_name = "kitchen"})->unique_name, "kitchen");
  EXPECT_EQ(Update("kitchen", {.unique_name = "kitchen"})->unique_name, "kitchen");
  EXPECT_EQ(Update("kitchen", {.unique_name = "hall"})->unique_name, "hall");
  EXPECT_EQ(Update(sid, {.unique_name = ""})->unique_name, std::nullopt);
  EXPECT_THAT(world_.signals.Take(), IsEmpty());
  world_.MakeDevice("hall");
  EXPECT_EQ(Refusal(Update(sid, {.unique_name = "hall"})), std::pair(409, 20409));
  EXPECT_EQ(Refusal(Update(sid, {.unique_name = ".."})), std::pair(400, 20001));
}

TEST_F(Devices, Update_OneFieldBad_AppliesNeither) {
  const auto device = world_.MakeDevice("kitchen");
  world_.MakeDevice("hall");
  world_.MakeApp(0x11, "blink");
  const std::string sid(device.resource.sid.text());
  EXPECT_FALSE(Update(sid, {.unique_name = "new", .target_app = "nothing"}).ok());
  EXPECT_FALSE(Update(sid, {.unique_name = "hall", .target_app = "blink"}).ok());
  const Device after = world_.Fetch(device);
  EXPECT_EQ(after.unique_name, "kitchen");
  EXPECT_FALSE(after.app.target_sid.has_value());
  EXPECT_THAT(world_.signals.Take(), IsEmpty());
}

TEST_F(Devices, Update_CommitFails_WakesNobody) {
  const auto device = world_.MakeDevice();
  const App app = world_.MakeApp();
  world_.store->calls_until_failure = 1;
  EXPECT_EQ(
      Refusal(Update(device.resource.sid.text(), {.target_app = std::string(app.sid.text())})),
      std::pair(500, 20500));
  EXPECT_FALSE(world_.Fetch(device).app.target_sid.has_value());
  EXPECT_THAT(world_.signals.Take(), IsEmpty());
}

TEST_F(Devices, List_NewestFirstOverPages) {
  std::vector<DeviceSid> made;
  for (int i = 0; i < 5; ++i) {
    made.push_back(world_.MakeDevice().resource.sid);
    world_.clock.Advance(i % 2);
  }
  std::vector<DeviceSid> seen;
  PageRequest request{.page_size = 2};
  for (;;) {
    const auto page = world_.service->ListDevices(*world_.account, request);
    ASSERT_TRUE(page.ok());
    for (const Device& device : page->items) {
      seen.push_back(device.sid);
    }
    if (!page->next_token) {
      break;
    }
    request.page_token = page->next_token;
  }
  std::reverse(made.begin(), made.end());
  EXPECT_EQ(seen, made);
}

TEST_F(Devices, List_TokenOfAnotherListOrAccount_IsRefused) {
  world_.MakeDevice();
  world_.MakeDevice();
  const auto page = world_.service->ListDevices(*world_.account, {.page_size = 1});
  ASSERT_TRUE(page->next_token.has_value());
  const PageRequest request{.page_token = page->next_token};
  EXPECT_TRUE(world_.service->ListDevices(*world_.account, request).ok());
  EXPECT_EQ(Refusal(world_.service->ListDevices(*world_.stranger, request)), std::pair(400, 20002));
  EXPECT_EQ(Refusal(world_.service->ListApps(*world_.account, request)), std::pair(400, 20002));
}

TEST_F(Devices, UpdatesAndDeletesAtOnce_NeverLeaveADeviceWithoutItsApp) {
  const auto device = world_.MakeDevice();
  std::vector<App> apps;
  for (std::uint8_t i = 0; i < 6; ++i) {
    apps.push_back(world_.MakeApp(static_cast<std::uint8_t>(0x20 + i)));
  }
  std::thread deploying([&] {
    for (const App& app : apps) {
      const auto result =
          Update(device.resource.sid.text(), {.target_app = std::string(app.sid.text())});
      EXPECT_TRUE(result.ok() || result.error().code == 20001);
    }
  });
  std::thread deleting([&] {
    for (auto app = apps.rbegin(); app != apps.rend(); ++app) {
      const auto result = world_.service->DeleteApp(*world_.account, app->sid.text());
      EXPECT_TRUE(result.ok() || result.error().code == 65004);
    }
  });
  deploying.join();
  deleting.join();
  const Device after = world_.Fetch(device);
  if (after.app.target_sid) {
    EXPECT_TRUE(world_.service->FetchApp(*world_.account, after.app.target_sid->text()).ok());
  }
}

}  // namespace
}  // namespace strata::cloud
