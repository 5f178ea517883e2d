// SPDX-License-Identifier: Apache-2.0
#include "world_test.hpp"

namespace strata::cloud {
namespace {

constexpr UnixSeconds kHour = 60 * 60;

class Silence : public testing::Test {
 protected:
  App AppWithCheckIn(UnixSeconds check_in_sec) {
    const auto zip = HandMadeBundle(world_.signing_key, [&](bundle::AppBody& body) {
      body.connection_grace_time_sec = 1;
      body.minimum_check_in_time_sec = static_cast<std::uint32_t>(check_in_sec);
    });
    auto made = world_.UploadZip(*world_.account, zip);
    EXPECT_TRUE(made.ok());
    return made->app;
  }

  std::uint64_t ExpireAfter(UnixSeconds seconds) {
    world_.clock.Advance(seconds);
    const auto ended = world_.service->ExpireSilent();
    EXPECT_TRUE(ended.ok());
    return *ended;
  }

  DeviceApp State() { return world_.Fetch(device_).app; }

  void Hear() { ASSERT_TRUE(world_.service->Desired(device_.identity).ok()); }

  void Confirm(std::uint64_t counter) {
    const auto receipt = ReceiptFor(world_.Fetch(device_), counter, wire::Verdict::kConfirmed);
    ASSERT_TRUE(
        world_.service->TakeReceipt(device_.identity, SignReceipt(receipt, device_.key)).ok());
  }

  TestWorld world_;
  TestWorld::TestDevice device_ = world_.MakeDevice("board");
};

TEST_F(Silence, ADeviceThatIsNotHeardForADay_EndsItsUpdate) {
  world_.Deploy(device_, world_.MakeApp());
  EXPECT_EQ(ExpireAfter(24 * kHour), 0U);
  EXPECT_EQ(State().update_status, UpdateStatus::kPending);
  EXPECT_EQ(ExpireAfter(1), 1U);
  EXPECT_EQ(State().update_status, UpdateStatus::kError);
  EXPECT_EQ(State().update_error_code, static_cast<std::uint32_t>(Code::kDeviceSilent));
  EXPECT_EQ(ExpireAfter(48 * kHour), 0U) << "once";
  const auto events = world_.service->ListEvents(*world_.account, {.page_size = 1}, {});
  EXPECT_EQ(events->items.at(0).type, EventType::kDeploymentSilent);
  const auto updates = world_.service->ListUpdates(*world_.account, "board", {});
  EXPECT_EQ(updates->items.at(0).outcome, UpdateOutcome::kSilent);
}

TEST_F(Silence, ADeviceThatIsHeard_MayTakeItsTime) {
  world_.Deploy(device_, world_.MakeApp());
  for (int day = 0; day < 9; ++day) {
    EXPECT_EQ(ExpireAfter(20 * kHour), 0U);
    Hear();
  }
  EXPECT_EQ(ExpireAfter(24 * kHour + 1), 1U);
}

TEST_F(Silence, AReceiptThatComesLate_StillMakesItUpToDate) {
  world_.Deploy(device_, world_.MakeApp());
  ASSERT_EQ(ExpireAfter(25 * kHour), 1U);
  Confirm(1);
  EXPECT_EQ(State().update_status, UpdateStatus::kUpToDate);
  EXPECT_EQ(State().update_error_code, 0U);
  const auto updates = world_.service->ListUpdates(*world_.account, "board", {});
  EXPECT_EQ(updates->items.at(0).outcome, UpdateOutcome::kConfirmed);
  EXPECT_EQ(ExpireAfter(48 * kHour), 0U) << "a device without an update may be silent";
}

TEST_F(Silence, AppsThatCheckInSeldom_HaveTwiceThatTime) {
  world_.Deploy(device_, AppWithCheckIn(20 * kHour));
  Confirm(1);
  Hear();
  world_.Deploy(device_, world_.MakeApp());
  EXPECT_EQ(ExpireAfter(40 * kHour), 0U) << "the running app decides how often it asks";
  EXPECT_EQ(ExpireAfter(1), 1U);
}

TEST_F(Silence, TheNewApp_DecidesToo) {
  world_.Deploy(device_, AppWithCheckIn(30 * kHour));
  EXPECT_EQ(ExpireAfter(60 * kHour), 0U);
  EXPECT_EQ(ExpireAfter(1), 1U);
}

TEST_F(Silence, ManyDevices_ThatMayStillBeSilentHideNoOther) {
  const App patient = AppWithCheckIn(100 * kHour);
  std::vector<TestWorld::TestDevice> devices;
  for (int i = 0; i < 120; ++i) {
    devices.push_back(world_.MakeDevice());
    world_.Deploy(devices.back(), patient);
  }
  world_.Deploy(device_, world_.MakeApp());
  EXPECT_EQ(ExpireAfter(25 * kHour), 1U);
  EXPECT_EQ(State().update_status, UpdateStatus::kError);
  EXPECT_EQ(ExpireAfter(200 * kHour), 120U);
}

TEST_F(Silence, DatesOfAClockThatWasAhead_DelayItByNoMoreThanADay) {
  world_.clock.Advance(1000 * kHour);
  world_.Deploy(device_, world_.MakeApp());
  Hear();
  world_.clock.Advance(-1000 * kHour);  // it is set right
  EXPECT_EQ(ExpireAfter(0), 0U);
  EXPECT_EQ(ExpireAfter(24 * kHour), 0U);
  EXPECT_EQ(ExpireAfter(1), 1U);
  EXPECT_EQ(State().update_error_code, static_cast<std::uint32_t>(Code::kDeviceSilent));
}

TEST_F(Silence, AfterIt_TheSameTargetIsANewDeployment) {
  const App app = world_.MakeApp();
  const Device before = world_.Deploy(device_, app);
  ASSERT_EQ(ExpireAfter(25 * kHour), 1U);
  const Device after = world_.Deploy(device_, app);
  EXPECT_EQ(after.app.update_status, UpdateStatus::kPending);
  EXPECT_NE(after.app.deployment_id, before.app.deployment_id);
}

}  // namespace
}  // namespace strata::cloud
