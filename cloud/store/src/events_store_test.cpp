// SPDX-License-Identifier: Apache-2.0
// Logs, events and updates: none of their lists reads more than it gives.
#include "store_rows_test.hpp"

namespace strata::cloud {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

const AccountSid kAccount = SidOf<AccountSid>(1);
const DeviceSid kDevice = SidOf<DeviceSid>(3);

class EventsStore : public PlanTest {
 protected:
  EventsStore() {
    EXPECT_TRUE(store_.InsertAccount({.account = {.sid = kAccount}}).ok());
    EXPECT_TRUE(store_.InsertDevice({.device = {.sid = kDevice, .account_sid = kAccount}}).ok());
  }

  void ExpectPlans(const char* index) {
    for (const std::string& sql : recorder_.statements) {
      const std::set<std::string> plan = PlanOf(sql);
      EXPECT_THAT(plan, Not(Contains(HasSubstr("SCAN")))) << sql;
      EXPECT_THAT(plan, Not(Contains(HasSubstr("TEMP B-TREE")))) << sql;
      EXPECT_THAT(plan, Contains(HasSubstr(index))) << sql;
    }
    recorder_.statements.clear();
  }
};

TEST_F(EventsStore, Lists_AreReadInOrderFromAnIndex) {
  recorder_.statements.clear();
  for (const auto& position : {std::optional<ListPosition>(), std::optional(ListPosition{0, 5})}) {
    for (const bool newer : {false, true}) {
      const ListQuery query{.position = position, .newer = newer, .limit = 9};
      ASSERT_TRUE(store_.ListEvents(kAccount, query, {}).ok());
      ExpectPlans("sqlite_autoindex_events_1");
      ASSERT_TRUE(store_.ListEvents(kAccount, query, {.type = EventType::kAppCreated}).ok());
      ExpectPlans("events_type");
      ASSERT_TRUE(store_
                      .ListEvents(kAccount,
                                  query,
                                  {.device = kDevice, .type = EventType::kDeploymentConfirmed})
                      .ok());
      ExpectPlans("events_device");
      ASSERT_TRUE(store_.ListEvents(kAccount, query, {.device = kDevice}).ok());
      ExpectPlans("events_of_device");
      ASSERT_TRUE(store_.ListUpdates(kAccount, kDevice, query).ok());
      ExpectPlans("device_updates");
      ASSERT_TRUE(store_.ListLogs(kAccount, kDevice, query).ok());
      ExpectPlans("device_logs");
    }
  }
}

TEST_F(EventsStore, Deadlines_ReadTheUpdatesUnderWayAlone) {
  recorder_.statements.clear();
  ASSERT_TRUE(store_.SilentDevices(std::nullopt, 5, 6, 9).ok());
  ExpectPlans("devices_pending");
}

TEST_F(EventsStore, Deliveries_ThatAreNotDueAreNotRead) {
  recorder_.statements.clear();
  ASSERT_TRUE(store_.ListDeadLetters(kAccount, SidOf<WebhookSid>(1), {.limit = 9}).ok());
  ExpectPlans("webhook_deliveries_dead");
  ASSERT_TRUE(store_.DeliveryTimes().ok());
  EXPECT_THAT(PlanOf(*recorder_.statements.begin()),
              AllOf(Contains("SEARCH webhook_deliveries USING INDEX webhook_deliveries_due"),
                    Not(Contains(HasSubstr("SCAN webhook")))));
  recorder_.statements.clear();
  ASSERT_TRUE(store_.PullDeliveriesBack(5).ok());
  ExpectPlans("webhook_deliveries_due (next_attempt>?)");
  ASSERT_TRUE(store_.DueDeliveries(5, 2, 9).ok());
  ASSERT_EQ(recorder_.statements.size(), 1U);
  EXPECT_THAT(PlanOf(*recorder_.statements.begin()),
              AllOf(Contains(HasSubstr("webhook_deliveries_waiting (account_sid=? AND "
                                       "webhook_sid=? AND next_attempt<?)")),
                    Contains(HasSubstr("(account_sid=? AND webhook_sid=? AND event=?)")),
                    Not(Contains(HasSubstr("SCAN webhook")))));
  recorder_.statements.clear();
  ASSERT_TRUE(store_.CrowdedWebhooks(5).ok());
  EXPECT_THAT(
      PlanOf(*recorder_.statements.begin()),
      AllOf(Contains(HasSubstr("COVERING INDEX webhook_deliveries_waiting (account_sid=? AND "
                               "webhook_sid=?)")),
            Not(Contains(HasSubstr("SCAN webhook")))));
}

TEST_F(EventsStore, DueDeliveries_EveryAccountHasItsTurn) {
  const auto quiet = SidOf<AccountSid>(2);
  ASSERT_TRUE(store_.InsertAccount({.account = {.sid = quiet}}).ok());
  for (const std::uint8_t sid : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
    const WebhookSid webhook = SidOf<WebhookSid>(sid);
    const AccountSid& account = sid == 3 ? quiet : kAccount;
    ASSERT_TRUE(store_.InsertWebhook({.webhook = {.sid = webhook, .account_sid = account}}).ok());
    ASSERT_TRUE(store_.QueueDeliveries(account, 1, sid, webhook).ok());
    ASSERT_TRUE(store_.QueueDeliveries(account, 2, sid, webhook).ok());
  }
  const auto due = store_.DueDeliveries(60, 2, 4).value();
  ASSERT_EQ(due.size(), 4U);
  EXPECT_EQ(due[0].account_sid, kAccount);
  EXPECT_EQ(due[1].account_sid, quiet);
  EXPECT_EQ(due[2].account_sid, kAccount);
  EXPECT_EQ(due[3].account_sid, quiet);
}

TEST_F(EventsStore, DeliveriesThatWait_AreToldPulledBackAndBuried) {
  const auto webhook = SidOf<WebhookSid>(1);
  ASSERT_TRUE(store_.InsertWebhook({.webhook = {.sid = webhook, .account_sid = kAccount}}).ok());
  EXPECT_EQ(store_.DeliveryTimes().value(), std::nullopt);
  for (std::int64_t event = 1; event <= 5; ++event) {
    ASSERT_TRUE(store_.QueueDeliveries(kAccount, event, 100'000 * event, webhook).ok());
  }
  EXPECT_EQ(store_.DeliveryTimes().value(), std::pair(UnixSeconds{100'000}, UnixSeconds{500'000}));
  ASSERT_TRUE(store_.PullDeliveriesBack(300'000).ok());
  EXPECT_EQ(store_.DeliveryTimes().value(), std::pair(UnixSeconds{100'000}, UnixSeconds{300'000}));
  EXPECT_TRUE(store_.CrowdedWebhooks(5)->empty());
  ASSERT_EQ(store_.CrowdedWebhooks(4)->size(), 1U);
  EXPECT_EQ(store_.CrowdedWebhooks(4)->front(), std::pair(kAccount, webhook));
  EXPECT_EQ(store_.BuryDeliveries(kAccount, webhook, 3, "crowd", 7).value(), 2U);
  EXPECT_TRUE(store_.CrowdedWebhooks(3)->empty());
  const auto dead = store_.ListDeadLetters(kAccount, webhook, {.newer = true, .limit = 9}).value();
  ASSERT_EQ(dead.size(), 2U);
  EXPECT_EQ(dead[1].item.event, 2) << "the oldest";
  EXPECT_EQ(dead[1].item.last_error, "crowd");
  EXPECT_EQ(dead[1].item.next_attempt, 7);
  EXPECT_EQ(store_.BuryDeliveries(kAccount, webhook, 3, "crowd", 7).value(), 0U);
  EXPECT_EQ(store_.ListDeadLetters(kAccount, webhook, {.limit = 9})->size(), 2U);
}

TEST_F(EventsStore, DueDeliveries_NoWebhookStandsBeforeAllOthers) {
  const auto busy = SidOf<WebhookSid>(1);
  const auto quiet = SidOf<WebhookSid>(2);
  for (const WebhookSid& sid : {busy, quiet}) {
    ASSERT_TRUE(store_.InsertWebhook({.webhook = {.sid = sid, .account_sid = kAccount}}).ok());
  }
  for (std::int64_t event = 1; event <= 20; ++event) {
    ASSERT_TRUE(store_.QueueDeliveries(kAccount, event, event, busy).ok());
  }
  ASSERT_TRUE(store_.QueueDeliveries(kAccount, 50, 50, quiet).ok());
  const auto due = store_.DueDeliveries(60, 3, 9).value();
  ASSERT_EQ(due.size(), 4U);
  EXPECT_EQ(due.front().event, 1);
  EXPECT_EQ(due.back().webhook_sid, quiet);
  EXPECT_TRUE(store_.DueDeliveries(0, 3, 9).value().empty());
}

TEST_F(EventsStore, Forgetting_ReadsTheOldAlone) {
  recorder_.statements.clear();
  ASSERT_TRUE(store_.ForgetEvents(5).ok());
  ExpectPlans("events_date");
  ASSERT_TRUE(store_.ForgetLogs(5).ok());
  ExpectPlans("device_logs_date");
}

TEST_F(EventsStore, Progress_TakesThePlaceOfTheDevicesEarlierOne) {
  Event event{.type = EventType::kDeploymentProgress,
              .account_sid = kAccount,
              .device_sid = kDevice,
              .progress = {.bytes_staged = 1}};
  ASSERT_TRUE(store_.InsertEvent(event).ok());
  event.device_sid = SidOf<DeviceSid>(4);
  ASSERT_TRUE(store_.InsertEvent(event).ok());
  event.device_sid = kDevice;
  event.progress.bytes_staged = 2;
  ASSERT_TRUE(store_.InsertEvent(event).ok());
  const auto all = store_.ListEvents(kAccount, {.newer = true, .limit = 9}, {}).value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].item.progress.bytes_staged, 2U);
  EXPECT_EQ(all[1].item.sequence, store_.NewestSequence(kAccount).value());
}

TEST_F(EventsStore, WhatBelongsToADevice_GoesWithIt) {
  ASSERT_TRUE(store_.AppendLogs(kAccount, kDevice, {{.text = "x"}}, 100'000).ok());
  ASSERT_TRUE(
      store_
          .InsertUpdate(
              {.account_sid = kAccount, .device_sid = kDevice, .app_sid = SidOf<AppSid>(1)}, 9)
          .ok());
  ASSERT_TRUE(store_.InsertEvent({.account_sid = kAccount, .device_sid = kDevice}).ok());
  ASSERT_TRUE(store_.DeleteDevice(kAccount, kDevice).ok());
  EXPECT_TRUE(store_.ListLogs(kAccount, kDevice, {.limit = 9})->empty());
  EXPECT_TRUE(store_.ListUpdates(kAccount, kDevice, {.limit = 9})->empty());
  EXPECT_EQ(store_.ListEvents(kAccount, {.limit = 9}, {.device = kDevice})->size(), 1U);
}

}  // namespace
}  // namespace strata::cloud
