// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/domain/events.hpp"

#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Names = std::vector<std::string>;

class Events : public testing::Test {
 protected:
  std::vector<Event> All(const EventQuery& query = {}) {
    auto page = world_.service->ListEvents(*world_.account, {.page_size = 1000}, query);
    EXPECT_TRUE(page.ok());
    return std::move(page->items);
  }

  /// Oldest first.
  Names TypesSince(std::int64_t sequence) {
    Names names;
    const auto events = world_.service->EventsBehind(*world_.account, {.sequence = sequence}, 1000);
    for (const Event& event : *events) {
      names.emplace_back(NameOf(event.type));
    }
    return names;
  }

  std::int64_t Now() {
    return world_.service->FindEvents(*world_.account, {}, std::nullopt)->sequence;
  }

  std::vector<UpdateRecord> Updates() {
    auto page = world_.service->ListUpdates(*world_.account, "board", {.page_size = 1000});
    EXPECT_TRUE(page.ok());
    return std::move(page->items);
  }

  ApiOutcome Report(const DeploymentId& id, wire::UpdateState state, std::uint32_t staged = 0) {
    return world_.service->TakeReport(
        device_.identity,
        EncodeReport({.deployment_id = id, .state = state, .bytes_staged = staged, .error = {}}));
  }

  ApiOutcome Receive(const Device& of, wire::Verdict verdict, Error error = {}) {
    wire::ReceiptBody body = ReceiptFor(of, ++counter_, verdict);
    body.error = error;
    return world_.service->TakeReceipt(device_.identity, SignReceipt(body, device_.key));
  }

  TestWorld world_;
  TestWorld::TestDevice device_ = world_.MakeDevice("board");
  App app_ = world_.MakeApp(0x11, "one");
  std::uint64_t counter_ = 0;
};

TEST_F(Events, Names_AreTheirOwnBothWays) {
  for (int number = 1; number <= 13; ++number) {
    const auto type = static_cast<EventType>(number);
    EXPECT_EQ(EventTypeNamed(NameOf(type)), type);
  }
  EXPECT_FALSE(EventTypeNamed("").has_value());
  EXPECT_FALSE(EventTypeNamed("app.updated").has_value());
}

TEST_F(Events, AppsAndDevices_FromTheirBeginToTheirEnd) {
  EXPECT_THAT(TypesSince(0), ElementsAre("device.provisioned", "app.created"));
  std::int64_t begin = Now();
  ASSERT_TRUE(world_.service->UpdateDevice(*world_.account, "board", {.unique_name = "desk"}).ok());
  ASSERT_TRUE(world_.service->UpdateDevice(*world_.account, "desk", {.unique_name = "desk"}).ok());
  ASSERT_TRUE(world_.service->UpdateDevice(*world_.account, "desk", {.tags = "a"}).ok());
  ASSERT_TRUE(world_.service->DeleteApp(*world_.account, "one").ok());
  ASSERT_TRUE(world_.service->RemoveDevice(*world_.account, "desk").ok());
  EXPECT_THAT(TypesSince(begin),
              ElementsAre("device.changed", "device.changed", "app.deleted", "device.removed"));
  const Event removed = All().front();
  EXPECT_EQ(removed.device_sid, device_.resource.sid);
  EXPECT_EQ(removed.name, "desk");
  EXPECT_EQ(removed.time, world_.clock.NowMicros());
}

TEST_F(Events, ARefusedChange_IsNoEvent) {
  const std::int64_t begin = Now();
  world_.signals.TakeEvents();
  EXPECT_FALSE(world_.service->UpdateDevice(*world_.account, "board", {.target_app = "no"}).ok());
  EXPECT_FALSE(world_.service->DeleteApp(*world_.account, "no").ok());
  EXPECT_FALSE(world_.service->RemoveDevice(*world_.stranger, "board").ok());
  EXPECT_THAT(TypesSince(begin), IsEmpty());
  EXPECT_THAT(world_.signals.TakeEvents(), IsEmpty());
}

TEST_F(Events, ADeployment_IsSeenStepByStep) {
  const std::int64_t begin = Now();
  world_.signals.TakeEvents();
  const Device targeted = world_.Deploy(device_, app_);
  const DeploymentId id = *targeted.app.deployment_id;
  ASSERT_TRUE(Report(id, wire::UpdateState::kFetchingManifest).ok());
  ASSERT_TRUE(Report(id, wire::UpdateState::kFetchingLayers, 10).ok());
  ASSERT_TRUE(Report(id, wire::UpdateState::kFetchingLayers, 10).ok());
  ASSERT_TRUE(Report(id, wire::UpdateState::kFetchingLayers, 20).ok());
  EXPECT_EQ(All().front().progress.bytes_staged, 20U);
  EXPECT_THAT(TypesSince(begin), ElementsAre("deployment.pending", "deployment.progress"))
      << "only the newest progress is kept";
  ASSERT_TRUE(Receive(targeted, wire::Verdict::kConfirmed).ok());
  EXPECT_THAT(TypesSince(begin),
              ElementsAre("deployment.pending", "deployment.progress", "deployment.confirmed"));
  EXPECT_EQ(world_.signals.TakeEvents().size(), 5U);
  const Event event = All().front();
  EXPECT_EQ(event.deployment_id, id);
  EXPECT_EQ(event.app_sid, app_.sid);
  EXPECT_EQ(event.device_sid, device_.resource.sid);
  EXPECT_EQ(event.name, "board");
}

TEST_F(Events, Stream_GoesOnBehindAnyNumberWithoutLosing) {
  const std::int64_t begin = Now();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(
        world_.service->UpdateDevice(*world_.account, "board", {.tags = std::to_string(i)}).ok());
  }
  EventPlace place = *world_.service->FindEvents(*world_.account, {}, begin);
  std::size_t seen = 0;
  for (bool more = true; more;) {
    const auto some = *world_.service->EventsBehind(*world_.account, place, 2);
    for (const Event& event : some) {
      EXPECT_GT(event.sequence, place.sequence);
      place.sequence = event.sequence;
      ++seen;
    }
    more = !some.empty();
  }
  EXPECT_EQ(seen, 5U);
  EXPECT_EQ(world_.service->FindEvents(*world_.account, {}, 1'000'000)->sequence, Now());
  EXPECT_THAT(*world_.service->EventsBehind(*world_.stranger, {.sequence = 0}, 9), IsEmpty());
}

TEST_F(Events, Filters_ByDeviceAndType) {
  const auto other = world_.MakeDevice("other");
  world_.Deploy(device_, app_);
  EXPECT_EQ(All({.device = "board"}).size(), 2U);
  EXPECT_EQ(All({.device = std::string(other.resource.sid.text())}).size(), 1U);
  EXPECT_EQ(All({.type = EventType::kDeviceProvisioned}).size(), 2U);
  EXPECT_EQ(All({.device = "board", .type = EventType::kDeploymentPending}).size(), 1U);
  const auto unknown = world_.service->ListEvents(*world_.account, {}, {.device = "none"});
  EXPECT_EQ(Refusal(unknown), std::pair(400, 20001));
  ASSERT_TRUE(world_.service->RemoveDevice(*world_.account, "other").ok());
  EXPECT_EQ(All({.device = std::string(other.resource.sid.text())}).size(), 2U)
      << "events stay when the device goes";
  const auto page =
      world_.service->ListEvents(*world_.account, {.page_size = 1}, {.device = "board"});
  const auto wrong = world_.service->ListEvents(
      *world_.account, {.page_size = 1, .page_token = page->next_token}, {});
  EXPECT_EQ(Refusal(wrong), std::pair(400, 20002)) << "a token belongs to its filters";
}

TEST_F(Events, ThirtyDays_AreKept) {
  const std::size_t before = All().size();
  world_.clock.Advance(30 * 24 * 60 * 60);
  ASSERT_TRUE(world_.service->ForgetEvents().ok());
  EXPECT_EQ(All().size(), before);
  world_.clock.Advance(1);
  ASSERT_TRUE(world_.service->ForgetEvents().ok());
  EXPECT_THAT(All(), IsEmpty());
}

TEST_F(Events, History_OfAnUpdateThatFailsAndOneThatWorks) {
  const Device first = world_.Deploy(device_, app_);
  world_.clock.Advance(5);
  ASSERT_TRUE(Report(*first.app.deployment_id, wire::UpdateState::kFetchingLayers, 7).ok());
  world_.clock.Advance(5);
  ASSERT_TRUE(
      Receive(first, wire::Verdict::kReverted, Fail(Code::kAppCrashed, Op::kStartApp, 2)).ok());
  const App two = world_.MakeApp(0x22);
  const Device second = world_.Deploy(device_, two);
  ASSERT_TRUE(Receive(second, wire::Verdict::kConfirmed).ok());
  const auto updates = Updates();
  ASSERT_EQ(updates.size(), 2U);
  EXPECT_EQ(updates[0].outcome, UpdateOutcome::kConfirmed);
  EXPECT_EQ(updates[0].app_sid, two.sid);
  EXPECT_EQ(updates[1].outcome, UpdateOutcome::kReverted);
  EXPECT_EQ(updates[1].app_name, "one");
  EXPECT_EQ(updates[1].error.code, static_cast<std::uint32_t>(Code::kAppCrashed));
  EXPECT_EQ(*updates[1].date_started - updates[1].date_targeted, 5);
  EXPECT_EQ(*updates[1].date_ended - updates[1].date_targeted, 10);
  EXPECT_EQ(updates[1].progress.bytes_staged, 7U);
}

TEST_F(Events, History_KeepsAHundred) {
  const App two = world_.MakeApp(0x22);
  for (int i = 0; i < 103; ++i) {
    world_.Deploy(device_, i % 2 == 0 ? app_ : two);
  }
  const auto updates = Updates();
  ASSERT_EQ(updates.size(), 100U);
  EXPECT_EQ(updates.front().outcome, UpdateOutcome::kPending);
  EXPECT_EQ(updates.back().outcome, UpdateOutcome::kReplaced);
  EXPECT_EQ(updates.front().deployment_id, *world_.Fetch(device_).app.deployment_id);
}

TEST_F(Events, AReceiptOfAReplacedDeployment_ProvesItsAppAndNothingElse) {
  const Device first = world_.Deploy(device_, app_);
  ASSERT_TRUE(Report(*first.app.deployment_id, wire::UpdateState::kApplying).ok());
  const App two = world_.MakeApp(0x22);
  const Device second = world_.Deploy(device_, two);
  ASSERT_TRUE(Receive(first, wire::Verdict::kConfirmed).ok());
  const Device now = world_.Fetch(device_);
  EXPECT_EQ(now.app.reported_sid, app_.sid);
  EXPECT_EQ(now.app.target_sid, two.sid);
  EXPECT_EQ(now.app.update_status, UpdateStatus::kPending);
  EXPECT_EQ(Updates().at(1).outcome, UpdateOutcome::kConfirmed);
  ASSERT_TRUE(Receive(second, wire::Verdict::kConfirmed).ok());
  EXPECT_EQ(world_.Fetch(device_).app.reported_sid, two.sid);
  // The same receipt again is older than the last one.
  counter_ = 0;
  ASSERT_TRUE(Receive(first, wire::Verdict::kConfirmed).ok());
  EXPECT_EQ(world_.Fetch(device_).app.reported_sid, two.sid);
}

TEST_F(Events, AReceiptOfAReplacedDeployment_ThatFailedOrIsAboutADeletedApp_ProvesNothing) {
  const Device first = world_.Deploy(device_, app_);
  const App two = world_.MakeApp(0x22);
  world_.Deploy(device_, two);
  ASSERT_TRUE(Receive(first, wire::Verdict::kFailed, Fail(Code::kLayerHashMismatch)).ok());
  EXPECT_EQ(world_.Fetch(device_).app.reported_sid, std::nullopt);
  EXPECT_EQ(Updates().at(1).outcome, UpdateOutcome::kFailed);
  ASSERT_TRUE(world_.service->DeleteApp(*world_.account, "one").ok());
  ASSERT_TRUE(Receive(first, wire::Verdict::kConfirmed).ok());
  EXPECT_EQ(world_.Fetch(device_).app.reported_sid, std::nullopt) << "of an app that is gone";
}

TEST_F(Events, RemoveDevice_RevokesItAndFreesItsApp) {
  world_.Deploy(device_, app_);
  EXPECT_FALSE(world_.service->DeleteApp(*world_.account, "one").ok());
  world_.signals.Take();
  ASSERT_TRUE(world_.service->RemoveDevice(*world_.account, "board").ok());
  EXPECT_THAT(world_.signals.Take(), ElementsAre(device_.resource.sid));
  EXPECT_EQ(Refusal(world_.service->Desired(device_.identity)), std::pair(403, 20006));
  EXPECT_EQ(Refusal(world_.service->FetchDevice(*world_.account, "board")), std::pair(404, 20404));
  EXPECT_EQ(Refusal(world_.service->RemoveDevice(*world_.account, "board")), std::pair(404, 20404));
  EXPECT_TRUE(world_.service->DeleteApp(*world_.account, "one").ok());
}

}  // namespace
}  // namespace strata::cloud
