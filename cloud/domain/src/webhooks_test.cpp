// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/domain/webhooks.hpp"

#include <fstream>
#include <iterator>

#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Webhooks : public testing::Test {
 protected:
  std::pair<Webhook, std::string> Make(const std::string& url = "https://receiver.test/") {
    auto made = world_.service->CreateWebhook(*world_.account, url, "ci");
    EXPECT_TRUE(made.ok());
    return std::move(made).value();
  }

  std::vector<DueDelivery> Take(std::uint32_t limit = 100) {
    auto due = world_.service->TakeDeliveries(limit);
    EXPECT_TRUE(due.ok());
    return std::move(due).value();
  }

  void Conclude(const DueDelivery& due, bool delivered) {
    ASSERT_TRUE(world_.service
                    ->ConcludeDelivery(due.delivery,
                                       {.delivered = delivered,
                                        .status = delivered ? 200U : 500U,
                                        .error = delivered ? "" : "it answered 500"})
                    .ok());
  }

  TestWorld world_;
  TestWorld::TestDevice device_ = world_.MakeDevice("board");
  App app_ = world_.MakeApp();
};

TEST_F(Webhooks, Sign_IsWhatTheSpecSays) {
  // echo -n '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 00112233445566778899aabbccddeeff
  EXPECT_EQ(SignWebhook("00112233445566778899aabbccddeeff", 1'700'000'000, R"({"a":1})"),
            "t=1700000000,v1=adef8e69be427501d037b3e275487e50880b85ec0b94cfacc8ddeeb1700964b7");
}

TEST_F(Webhooks, EachTransition_IsQueuedForEachWebhookOfTheAccount) {
  const auto first = Make();
  const auto second = Make("https://other.test/");
  ASSERT_TRUE(world_.service->CreateWebhook(*world_.stranger, "https://x.test/", "").ok());
  const Device device = world_.Deploy(device_, app_);
  ASSERT_TRUE(world_.service
                  ->TakeReport(device_.identity,
                               EncodeReport({.deployment_id = *device.app.deployment_id,
                                             .state = wire::UpdateState::kApplying,
                                             .error = {}}))
                  .ok());
  const auto receipt = ReceiptFor(device, 1, wire::Verdict::kConfirmed);
  ASSERT_TRUE(
      world_.service->TakeReceipt(device_.identity, SignReceipt(receipt, device_.key)).ok());
  const auto due = Take();
  ASSERT_EQ(due.size(), 4U) << "progress is none";
  EXPECT_EQ(due[0].event.type, EventType::kDeploymentPending);
  EXPECT_EQ(due[3].event.type, EventType::kDeploymentConfirmed);
  for (const DueDelivery& each : due) {
    const bool is_first = each.delivery.webhook_sid == first.first.sid;
    EXPECT_EQ(each.secret, is_first ? first.second : second.second);
    EXPECT_EQ(each.url, is_first ? "https://receiver.test/" : "https://other.test/");
  }
}

TEST_F(Webhooks, WhatIsTaken_IsNotDueUntilTheLeaseIsOver) {
  Make();
  world_.Deploy(device_, app_);
  ASSERT_EQ(Take().size(), 1U);
  EXPECT_THAT(Take(), IsEmpty());
  world_.clock.Advance(120);
  EXPECT_EQ(Take().size(), 1U) << "the program may have ended in between";
}

TEST_F(Webhooks, PutOffUnderAClockThatWasAhead_IsDueWhenItIsSetRight) {
  Make();
  world_.clock.Advance(100 * 86'400);
  world_.Deploy(device_, app_);
  Conclude(Take().at(0), false);
  world_.clock.Advance(-100 * 86'400);
  ASSERT_EQ(Take().size(), 1U);
  EXPECT_THAT(Take(), IsEmpty()) << "once";
}

TEST_F(Webhooks, Delivered_IsForgotten) {
  Make();
  world_.Deploy(device_, app_);
  Conclude(Take().at(0), true);
  world_.clock.Advance(100'000);
  EXPECT_THAT(Take(), IsEmpty());
}

TEST_F(Webhooks, Failures_AreTriedAgainTenTimesOverADay) {
  const auto webhook = Make().first;
  world_.Deploy(device_, app_);
  std::vector<UnixSeconds> pauses;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const auto due = Take();
    ASSERT_EQ(due.size(), 1U) << attempt;
    EXPECT_EQ(due[0].delivery.attempts, static_cast<std::uint32_t>(attempt));
    Conclude(due[0], false);
    UnixSeconds waited = 0;
    for (bool is_due = attempt == 9; !is_due && waited < 50'000;) {
      world_.clock.Advance(10);
      waited += 10;
      ASSERT_TRUE(world_.store
                      ->Read([&](StoreView& view) -> Status {
                        STRATA_TRY_ASSIGN(const auto found,
                                          view.DueDeliveries(world_.clock.Now(), 1, 1));
                        is_due = !found.empty();
                        return {};
                      })
                      .ok());
    }
    pauses.push_back(waited);
  }
  pauses.pop_back();
  EXPECT_THAT(pauses, ElementsAre(10, 30, 120, 600, 1'800, 3'600, 7'200, 14'400, 43'200));
  world_.clock.Advance(1'000'000);
  EXPECT_THAT(Take(), IsEmpty()) << "given up";
  const auto dead = world_.service->ListDeadLetters(*world_.account, webhook.sid.text(), {});
  ASSERT_EQ(dead->items.size(), 1U);
  EXPECT_EQ(dead->items[0].delivery.last_status, 500U);
  EXPECT_EQ(dead->items[0].delivery.last_error, "it answered 500");
  EXPECT_EQ(dead->items[0].event.type, EventType::kDeploymentPending);
}

TEST_F(Webhooks, SecretThatCantBeOpened_IsAFailureLikeAnyOther) {
  const Webhook webhook = Make().first;
  std::optional<WebhookRecord> record;
  const auto seal = [&](const std::vector<std::uint8_t>& bytes) {
    return world_.store->Write([&](StoreTransaction& transaction) -> Status {
      STRATA_TRY_ASSIGN(record, transaction.FindWebhook(webhook.account_sid, webhook.sid));
      WebhookRecord changed = *record;
      changed.secret.bytes = bytes;
      return transaction.UpdateWebhook(changed);
    });
  };
  ASSERT_TRUE(seal({1, 2, 3}).ok());
  const std::vector<std::uint8_t> good = record->secret.bytes;
  world_.Deploy(device_, app_);
  EXPECT_THAT(Take(), IsEmpty());
  ASSERT_TRUE(seal(good).ok());
  world_.clock.Advance(10);
  const auto due = Take();
  ASSERT_EQ(due.size(), 1U) << "it was a passing one";
  EXPECT_EQ(due[0].delivery.attempts, 1U);
  ASSERT_TRUE(seal({1, 2, 3}).ok());
  for (int i = 0; i < 9; ++i) {
    world_.clock.Advance(50'000);
    EXPECT_THAT(Take(), IsEmpty());
  }
  const auto dead = world_.service->ListDeadLetters(*world_.account, webhook.sid.text(), {});
  ASSERT_EQ(dead->items.size(), 1U);
  EXPECT_THAT(dead->items[0].delivery.last_error, HasSubstr("secret"));
  EXPECT_EQ(dead->items[0].delivery.attempts, 10U);
}

TEST_F(Webhooks, Test_GoesToThatWebhookAlone) {
  const auto webhook = Make().first;
  Make();
  ASSERT_TRUE(world_.service->TestWebhook(*world_.account, webhook.sid.text()).ok());
  const auto due = Take();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].event.type, EventType::kWebhookTest);
  EXPECT_EQ(due[0].delivery.webhook_sid, webhook.sid);
}

TEST_F(Webhooks, ManyOfOneAccount_LeaveRoomForOthers) {
  for (int hook = 0; hook < 8; ++hook) {
    Make();
  }
  for (std::uint8_t fill = 1; fill < 8; ++fill) {
    world_.Deploy(device_, world_.MakeApp(fill));
  }
  world_.clock.Advance(60);
  const Account& stranger = *world_.stranger;
  const Webhook late = world_.service->CreateWebhook(stranger, "https://late.test/", "")->first;
  ASSERT_TRUE(world_.service->TestWebhook(stranger, late.sid.text()).ok());
  const auto due = Take(2);
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[1].delivery.account_sid, stranger.sid) << "though all the others waited longer";
  DeliveriesUnderWay under_way;
  under_way.Add(due[0].delivery);
  const auto more = world_.service->TakeDeliveries(100, under_way);
  EXPECT_EQ(more->size(), 7U) << "eight of an account in all";
}

TEST_F(Webhooks, NextIs_WhoHasTheFewestUnderWay) {
  const Webhook slow = Make().first;
  world_.Deploy(device_, world_.MakeApp(1));
  world_.Deploy(device_, world_.MakeApp(2));
  world_.Deploy(device_, world_.MakeApp(3));
  const auto first = Take(2);
  DeliveriesUnderWay under_way;
  under_way.Add(first.at(0).delivery);
  under_way.Add(first.at(1).delivery);
  world_.clock.Advance(60);
  const Webhook quick = Make().first;
  ASSERT_TRUE(world_.service->TestWebhook(*world_.account, quick.sid.text()).ok());
  const auto next = world_.service->TakeDeliveries(1, under_way);
  ASSERT_EQ(next->size(), 1U);
  EXPECT_EQ(next->at(0).delivery.webhook_sid, quick.sid) << "of two webhooks";
  under_way.Add(next->at(0).delivery);
  const Account& stranger = *world_.stranger;
  const Webhook late = world_.service->CreateWebhook(stranger, "https://late.test/", "")->first;
  ASSERT_TRUE(world_.service->TestWebhook(stranger, late.sid.text()).ok());
  const auto last = world_.service->TakeDeliveries(1, under_way);
  ASSERT_EQ(last->size(), 1U);
  EXPECT_EQ(last->at(0).delivery.account_sid, stranger.sid) << "of two accounts";
}

TEST_F(Webhooks, AccountsThatHaveAsMany_TakeTurns) {
  Make();
  for (std::uint8_t fill = 1; fill < 4; ++fill) {
    world_.Deploy(device_, world_.MakeApp(fill));
  }
  world_.clock.Advance(60);
  const Account& stranger = *world_.stranger;
  const Webhook late = world_.service->CreateWebhook(stranger, "https://late.test/", "")->first;
  ASSERT_TRUE(world_.service->TestWebhook(stranger, late.sid.text()).ok());
  ASSERT_TRUE(world_.service->TestWebhook(stranger, late.sid.text()).ok());
  for (const AccountSid& account :
       {world_.account->sid, stranger.sid, world_.account->sid, stranger.sid}) {
    EXPECT_EQ(Take(1).at(0).delivery.account_sid, account);
  }
}

TEST_F(Webhooks, WaitingDeliveries_BeyondTheLimitAreDeadLetters) {
  const Webhook webhook = Make().first;
  constexpr std::int64_t kEvents = 10'002;
  ASSERT_TRUE(world_.store
                  ->Write([&](StoreTransaction& transaction) -> Status {
                    for (std::int64_t event = 1; event <= kEvents; ++event) {
                      STRATA_TRY(transaction.QueueDeliveries(
                          webhook.account_sid, event, world_.clock.Now(), webhook.sid));
                    }
                    return {};
                  })
                  .ok());
  const auto dead = [&] {
    std::vector<Delivery> letters;
    const Status read = world_.store->Read([&](StoreView& view) -> Status {
      STRATA_TRY_ASSIGN(
          const auto rows,
          view.ListDeadLetters(webhook.account_sid, webhook.sid, {.newer = true, .limit = 9}));
      letters.clear();
      for (const auto& row : rows) {
        letters.push_back(row.item);
      }
      return {};
    });
    EXPECT_TRUE(read.ok());
    return letters;
  };
  EXPECT_EQ(world_.service->BuryDeliveries().value(), 2U);
  ASSERT_EQ(dead().size(), 2U);
  EXPECT_EQ(dead()[0].event, 1);
  EXPECT_EQ(dead()[1].event, 2);
  EXPECT_THAT(dead()[1].last_error, HasSubstr("10000"));
  EXPECT_EQ(world_.service->BuryDeliveries().value(), 0U);
  EXPECT_EQ(dead().size(), 2U);
  // It was under way when it was given up.
  ASSERT_TRUE(
      world_.service->ConcludeDelivery(dead()[0], {.status = 500, .error = "it answered 500"})
          .ok());
  EXPECT_EQ(dead().size(), 2U);
  ASSERT_TRUE(world_.service->ConcludeDelivery(dead()[0], {.delivered = true}).ok());
  EXPECT_EQ(dead().size(), 1U);
}

TEST_F(Webhooks, Remove_TakesWhatWasOnItsWayAlong) {
  const auto webhook = Make().first;
  world_.Deploy(device_, app_);
  const auto due = Take();
  ASSERT_TRUE(world_.service->DeleteWebhook(*world_.account, webhook.sid.text()).ok());
  Conclude(due.at(0), false);
  world_.clock.Advance(100'000);
  EXPECT_THAT(Take(), IsEmpty());
}

TEST_F(Webhooks, OfAnotherAccount_DoNotExist) {
  const std::string sid(Make().first.sid.text());
  const Account& stranger = *world_.stranger;
  EXPECT_EQ(Refusal(world_.service->FetchWebhook(stranger, sid)), std::pair(404, 20404));
  EXPECT_EQ(Refusal(world_.service->DeleteWebhook(stranger, sid)), std::pair(404, 20404));
  EXPECT_EQ(Refusal(world_.service->TestWebhook(stranger, sid)), std::pair(404, 20404));
  EXPECT_EQ(Refusal(world_.service->ListDeadLetters(stranger, sid, {})), std::pair(404, 20404));
  EXPECT_THAT(world_.service->ListWebhooks(stranger, {})->items, IsEmpty());
}

TEST_F(Webhooks, Eleventh_IsRefused) {
  for (int i = 0; i < 10; ++i) {
    Make();
  }
  const auto refused = world_.service->CreateWebhook(*world_.account, "https://receiver.test/", "");
  EXPECT_EQ(Refusal(refused), std::pair(400, 65021));
}

TEST_F(Webhooks, Secret_LiesSealedAndIsSealedAnew) {
  const auto made = Make();
  std::ifstream file(world_.dir + "/strata.db", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::ifstream wal(world_.dir + "/strata.db-wal", std::ios::binary);
  const std::string log{std::istreambuf_iterator<char>(wal), {}};
  EXPECT_THAT(bytes + log, Not(HasSubstr(made.second)));
  EXPECT_THAT(bytes + log, HasSubstr("receiver.test"));
}

TEST_F(Webhooks, Resend_PutsDeadLettersOnTheirWayAgain) {
  const auto device = world_.MakeDevice("second");
  const auto [webhook, secret] = Make();
  const std::string sid(webhook.sid.text());
  for (const std::uint8_t fill : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
    world_.Deploy(device, world_.MakeApp(fill));
  }
  const auto bury = [&] {
    for (int i = 0; i < 200; ++i) {
      for (const DueDelivery& due : Take()) {
        Conclude(due, false);
      }
      world_.clock.Advance(50'000);
    }
  };
  bury();
  const auto letters = [&] {
    return world_.service->ListDeadLetters(*world_.account, sid, {})->items;
  };
  const std::size_t dead = letters().size();
  ASSERT_GE(dead, 3U);
  const std::int64_t one = letters().back().event.sequence;
  const auto resend = [&](std::optional<std::int64_t> event) {
    return world_.service->ResendDeadLetters(*world_.account, sid, event);
  };
  EXPECT_EQ(*resend(one), 1U);
  const auto due = Take();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].event.sequence, one);
  EXPECT_EQ(due[0].delivery.attempts, 0U);
  Conclude(due[0], true);
  EXPECT_EQ(letters().size(), dead - 1);
  EXPECT_EQ(Refusal(resend(one)), std::pair(404, 20404)) << "it was delivered";
  EXPECT_EQ(*resend(std::nullopt), dead - 1);
  EXPECT_THAT(letters(), IsEmpty());
  EXPECT_EQ(*resend(std::nullopt), 0U) << "what is on its way is left alone";
  // Each has all its attempts again.
  bury();
  EXPECT_EQ(letters().size(), dead - 1);
  const std::string newest =
      world_.service->ListAudit(*world_.account, {.page_size = 1})->items.at(0).json;
  EXPECT_THAT(newest, HasSubstr("\"action\":\"webhook.resend\""));
  EXPECT_THAT(newest, HasSubstr("{\"dead_letters\":" + std::to_string(dead - 1) + "}"));
}

TEST_F(Webhooks, Resend_OfAnotherAccount_IsNotFound) {
  const auto [webhook, secret] = Make();
  EXPECT_EQ(Refusal(world_.service->ResendDeadLetters(
                *world_.stranger, webhook.sid.text(), std::nullopt)),
            std::pair(404, 20404));
}

}  // namespace
}  // namespace strata::cloud
