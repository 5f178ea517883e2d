// SPDX-License-Identifier: Apache-2.0
// Deliveries to a receiver on this machine that checks signatures as a tenant's would.
#include "strata/cloud/jobs/webhook_sender.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "scripted_server.hpp"
#include "world_test.hpp"

namespace strata::cloud {
namespace {

using device::Answer;
using device::Reply;
using device::ScriptedServer;
using testing::HasSubstr;
using testing::Not;

bool IsPublic(const char* text) {
  sockaddr_storage storage{};
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text, &v6->sin6_addr), 1) << text;
    v6->sin6_family = AF_INET6;
  }
  return IsPublicAddress(*reinterpret_cast<const sockaddr*>(&storage));
}

TEST(PublicAddress, OnlyWhatEverybodyCanReach) {
  for (const char* address : {"1.1.1.1",
                              "93.184.216.34",
                              "172.15.0.1",
                              "172.32.0.1",
                              "192.169.0.1",
                              "100.63.0.1",
                              "100.128.0.1",
                              "2606:4700:4700::1111",
                              "64:ff9b::1.1.1.1",
                              "2002:101:101::1"}) {
    EXPECT_TRUE(IsPublic(address)) << address;
  }
  for (const char* address : {"0.0.0.0",
                              "10.1.2.3",
                              "100.64.0.1",
                              "127.0.0.1",
                              "127.9.9.9",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.2.1",
                              "192.168.1.1",
                              "198.18.0.1",
                              "224.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::127.0.0.1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "64:ff9b::10.0.0.1",
                              "2002:a00:1::1",
                              "2001::1",
                              "2001:db8::1",
                              "fc00::1",
                              "fd12:3456::1",
                              "fe80::1",
                              "ff02::1"}) {
    EXPECT_FALSE(IsPublic(address)) << address;
  }
}

class WebhookSenderTest : public testing::Test {
 protected:
  WebhookSenderTest() {
    world_.service = std::make_unique<Service>(Service::Ports{.store = world_.store.get(),
                                                              .blobs = world_.blobs.get(),
                                                              .signals = &world_.signals,
                                                              .clock = &world_.clock,
                                                              .random = &world_.random,
                                                              .sealer = world_.sealer.get()},
                                               std::vector<std::uint8_t>(32, 7),
                                               AccountLimits{.private_webhooks = true});
  }

  void Receive(ScriptedServer::Handler handler) {
    receiver_ = std::make_unique<ScriptedServer>(std::move(handler));
    auto made = world_.service->CreateWebhook(*world_.account, receiver_->url() + "/hook?x=1", "");
    ASSERT_TRUE(made.ok());
    secret_ = made->second;
    webhook_ = std::string(made->first.sid.text());
  }

  void StartSender(bool allow_private = true,
                   std::chrono::milliseconds timeout = std::chrono::milliseconds(2'000)) {
    sender_ = std::make_unique<WebhookSender>(
        *world_.service,
        world_.clock,
        [](const Event& event) { return "event " + std::to_string(event.sequence); },
        WebhookSender::Options{.allow_private = allow_private,
                               .timeout = timeout,
                               .idle = std::chrono::milliseconds(5)});
  }

  static bool Eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 1'000 && !condition(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return condition();
  }

  /// Of the one delivery, as soon as its attempt was concluded.
  std::optional<Delivery> Failed() {
    std::optional<Delivery> failed;
    Eventually([&] {
      EXPECT_TRUE(world_.store
                      ->Read([&](StoreView& view) -> Status {
                        STRATA_TRY_ASSIGN(const auto due,
                                          view.DueDeliveries(world_.clock.Now() + 60, 9, 9));
                        if (!due.empty() && due.front().attempts > 0) {
                          failed = due.front();
                        }
                        return {};
                      })
                      .ok());
      return failed.has_value();
    });
    return failed;
  }

  TestWorld world_;
  TestWorld::TestDevice device_ = world_.MakeDevice("board");
  std::unique_ptr<ScriptedServer> receiver_;
  std::unique_ptr<WebhookSender> sender_;
  std::string secret_;
  std::string webhook_;
};

TEST_F(WebhookSenderTest, ADeployment_IsDeliveredSigned) {
  Receive([](const std::string&) { return Answer(200, "", "thanks"); });
  StartSender();
  world_.Deploy(device_, world_.MakeApp());
  sender_->Wake();
  ASSERT_TRUE(Eventually([this] { return !receiver_->requests().empty(); }));
  const std::string request = receiver_->requests().at(0);
  EXPECT_THAT(request, testing::StartsWith("POST /hook?x=1 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Strata-Webhook: " + webhook_ + "\r\n"));
  EXPECT_THAT(request, Not(HasSubstr(secret_)));
  const std::string body = request.substr(request.find("\r\n\r\n") + 4);
  EXPECT_THAT(body, testing::StartsWith("event "));
  EXPECT_THAT(request,
              HasSubstr("Strata-Signature: " + SignWebhook(secret_, world_.clock.Now(), body)));
  EXPECT_TRUE(Eventually([this] {
    world_.clock.Advance(1'000);
    return world_.service->TakeDeliveries(9)->empty();
  })) << "delivered and forgotten";
}

TEST_F(WebhookSenderTest, AReceiverThatFails_IsTriedAgain) {
  std::atomic<int> asked{0};
  Receive([&asked](const std::string&) { return Answer(++asked < 3 ? 500 : 204, "", ""); });
  StartSender();
  world_.Deploy(device_, world_.MakeApp());
  ASSERT_TRUE(Eventually([&] {
    world_.clock.Advance(10);
    return asked >= 3;
  }));
  ASSERT_TRUE(Eventually([this] { return receiver_->requests().size() >= 3; }));
  UnixSeconds last = 0;
  for (const std::string& request : receiver_->requests()) {
    const std::string body = request.substr(request.find("\r\n\r\n") + 4);
    const UnixSeconds time = std::stoll(request.substr(request.find("Strata-Signature: t=") + 20));
    EXPECT_THAT(request, HasSubstr("Strata-Signature: " + SignWebhook(secret_, time, body)));
    EXPECT_GT(time, last) << "signed anew: a receiver refuses what is old";
    last = time;
  }
}

TEST_F(WebhookSenderTest, ARedirect_IsNotFollowed) {
  Receive([this](const std::string&) {
    return Answer(302, "Location: " + receiver_->url() + "/elsewhere\r\n", "");
  });
  StartSender();
  world_.Deploy(device_, world_.MakeApp());
  const auto failed = Failed();
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(failed->last_status, 302U);
  for (const std::string& request : receiver_->requests()) {
    EXPECT_THAT(request, Not(HasSubstr("/elsewhere")));
  }
}

TEST_F(WebhookSenderTest, AnAddressThatIsNotPublic_IsNeverConnectedTo) {
  Receive([](const std::string&) { return Answer(200, "", ""); });
  auto other = world_.service->CreateWebhook(
      *world_.account, "https://localhost:" + receiver_->url().substr(17), "");
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE(world_.service->DeleteWebhook(*world_.account, webhook_).ok());
  StartSender(false);
  world_.Deploy(device_, world_.MakeApp());
  const auto failed = Failed();
  ASSERT_TRUE(failed.has_value());
  EXPECT_THAT(failed->last_error, HasSubstr("not public"));
  EXPECT_EQ(receiver_->connections(), 0);
}

TEST_F(WebhookSenderTest, AReceiverThatSaysNothing_HoldsUpNoOther) {
  Receive([](const std::string&) { return Reply{.bytes = "", .close = false, .stall = true}; });
  ScriptedServer good([](const std::string&) { return Answer(200, "", ""); });
  ASSERT_TRUE(world_.service->CreateWebhook(*world_.account, good.url() + "/", "").ok());
  StartSender();
  const App one = world_.MakeApp(0x11);
  const App two = world_.MakeApp(0x22);
  for (int i = 0; i < 20; ++i) {
    world_.Deploy(device_, i % 2 == 0 ? one : two);
  }
  // Each deployment but the first also replaces one.
  EXPECT_TRUE(Eventually([&] { return good.requests().size() == 39; }));
}

TEST_F(WebhookSenderTest, ReceiversOfAnAccountThatSayNothing_LeaveRoomForOtherAccounts) {
  Receive([](const std::string&) { return Reply{.bytes = "", .close = false, .stall = true}; });
  for (int i = 1; i < 10; ++i) {
    ASSERT_TRUE(world_.service->CreateWebhook(*world_.account, receiver_->url(), "").ok());
  }
  ScriptedServer good([](const std::string&) { return Answer(200, "", ""); });
  const Account& stranger = *world_.stranger;
  const auto theirs = world_.service->CreateWebhook(stranger, good.url() + "/", "");
  ASSERT_TRUE(theirs.ok());
  const App one = world_.MakeApp(0x11);
  const App two = world_.MakeApp(0x22);
  for (int i = 0; i < 4; ++i) {
    world_.Deploy(device_, i % 2 == 0 ? one : two);
  }
  // Longer than the test waits: no attempt ends and makes room.
  StartSender(true, std::chrono::minutes(10));
  ASSERT_TRUE(Eventually([this] { return receiver_->requests().size() >= 8; }));
  for (std::size_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(world_.service->TestWebhook(stranger, theirs->first.sid.text()).ok());
    EXPECT_TRUE(Eventually([&] { return good.requests().size() == i; }));
  }
  EXPECT_EQ(receiver_->requests().size(), 8U);
}

TEST_F(WebhookSenderTest, End_InTheMiddle_LosesNothing) {
  Receive([](const std::string&) { return Reply{.bytes = "", .close = false, .stall = true}; });
  StartSender();
  world_.Deploy(device_, world_.MakeApp());
  ASSERT_TRUE(Eventually([this] { return !receiver_->requests().empty(); }));
  sender_.reset();
  world_.clock.Advance(120);
  EXPECT_EQ(world_.service->TakeDeliveries(9)->size(), 1U);
}

}  // namespace
}  // namespace strata::cloud
