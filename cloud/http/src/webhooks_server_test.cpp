// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;
using testing::Not;

class WebhooksServer : public ServerWorld {
 protected:
  TestResponse Create(const std::string& url) {
    return People()->Ask(FormRequest("/v1/Webhooks", "Url=" + Encode(url)));
  }
};

TEST_F(WebhooksServer, Create_ShowsTheSecretOnce) {
  const auto made = Create("https://receiver.test/hook?x=1");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto webhook = ParseJson(made.body);
  EXPECT_EQ(JsonText(webhook, "secret").size(), 32U);
  EXPECT_EQ(JsonText(webhook, "webhook_url"), "https://receiver.test/hook?x=1");
  const std::string path = "/v1/Webhooks/" + JsonText(webhook, "sid");
  const auto fetched = People()->Ask(Request("GET", path));
  EXPECT_EQ(fetched.status, 200);
  EXPECT_THAT(fetched.body, Not(HasSubstr(JsonText(webhook, "secret"))));
  EXPECT_THAT(People()->Ask(Request("GET", "/v1/Webhooks")).body,
              Not(HasSubstr(JsonText(webhook, "secret"))));
  EXPECT_EQ(People()->Ask(Request("POST", path + "/Test", "", "Content-Length: 0\r\n")).status,
            204);
  EXPECT_EQ(People()->Ask(Request("DELETE", path)).status, 204);
  EXPECT_EQ(People()->Ask(Request("GET", path)).status, 404);
}

TEST_F(WebhooksServer, Create_RefusesWhatIsNoGoodUrl) {
  for (const char* url : {"http://receiver.test/",
                          "ftp://receiver.test/",
                          "https://",
                          "https:///path",
                          "https://user:secret@receiver.test/",
                          "https://receiver.test/#part",
                          "https://receiver.test/a b",
                          "receiver.test"}) {
    EXPECT_EQ(Create(url).status, 400) << url;
  }
}

TEST_F(WebhooksServer, DeadLetters_HaveTheSpecsShape) {
  const auto device = Provision("board");
  const auto webhook = ParseJson(Create("https://receiver.test/").body);
  const std::string sid = JsonText(webhook, "sid");
  ASSERT_EQ(Deploy(device.sid, MakeApp()).status, 200);
  for (int attempt = 0; attempt < 10; ++attempt) {
    const auto due = service->TakeDeliveries(9);
    ASSERT_EQ(due->size(), 1U) << attempt;
    ASSERT_TRUE(
        service->ConcludeDelivery(due->front().delivery, {.status = 500, .error = "no"}).ok());
    world.clock.Advance(100'000);
  }
  const auto answer = People()->Ask(Request("GET", "/v1/Webhooks/" + sid + "/DeadLetters"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto page = ParseJson(answer.body);
  const auto& letter = page.at("dead_letters").as_array().at(0).as_object();
  EXPECT_EQ(letter.at("attempts"), 10);
  EXPECT_EQ(letter.at("last_status"), 500);
  EXPECT_EQ(JsonText(letter.at("event").as_object(), "type"), "deployment.pending");
  const std::string resend = "/v1/Webhooks/" + sid + "/Resend";
  const std::string id = boost::json::serialize(letter.at("event").as_object().at("id"));
  EXPECT_EQ(People()->Ask(FormRequest(resend, "Event=x")).status, 400);
  EXPECT_EQ(People()->Ask(FormRequest(resend, "Event=999999")).status, 404);
  EXPECT_EQ(People()->Ask(FormRequest(resend, "Event=" + id)).body, "{\"resent\":1}");
  EXPECT_EQ(People()->Ask(FormRequest(resend, "")).body, "{\"resent\":0}");
  EXPECT_EQ(service->TakeDeliveries(9)->size(), 1U);
}

}  // namespace
}  // namespace strata::cloud
