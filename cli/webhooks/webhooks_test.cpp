// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;

class WebhookVerbs : public TestBed {
 protected:
  WebhookVerbs() { SignInByEnvironment(); }
};

TEST_F(WebhookVerbs, Create_ShowsTheSecretAndSaysSo) {
  cloud_.Answer(201, R"({"sid":"WH1","webhook_url":"https://r.test/","secret":"s3cret"})");
  ASSERT_EQ(Run({"webhooks", "create", "https://r.test/", "--friendly-name", "ci"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.at(0).form,
            (Fields{{"Url", "https://r.test/"}, {"FriendlyName", "ci"}}));
  EXPECT_THAT(out_, HasSubstr("s3cret"));
  EXPECT_THAT(err_, HasSubstr("not shown again"));
}

TEST_F(WebhookVerbs, ListRemoveAndTest) {
  cloud_.Answer(200, R"({"webhooks":[{"sid":"WH1","webhook_url":"https://r.test/"}]})");
  ASSERT_EQ(Run({"webhooks", "list"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("https://r.test/"));
  cloud_.Answer(204, "");
  ASSERT_EQ(Run({"webhooks", "test", "WH1"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.back().path, "/v1/Webhooks/WH1/Test");
  cloud_.Answer(204, "");
  ASSERT_EQ(Run({"webhooks", "remove", "--sid", "WH1"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.back().method, "DELETE");
}

TEST_F(WebhookVerbs, DeadLetters_NameTheirEvent) {
  cloud_.Answer(
      200,
      R"({"dead_letters":[{"attempts":10,"last_status":500,"last_error":"it answered 500","event":{"id":7,"type":"deployment.failed"}}]})");
  ASSERT_EQ(Run({"webhooks", "dead-letters", "WH1"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("deployment.failed"));
  EXPECT_THAT(out_, HasSubstr("it answered 500"));
}

TEST_F(WebhookVerbs, Resend_OneOrAll) {
  cloud_.Answer(200, R"({"resent":3})");
  ASSERT_EQ(Run({"webhooks", "resend", "--sid", "WH1"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.back().path, "/v1/Webhooks/WH1/Resend");
  EXPECT_TRUE(cloud_.requests.back().form.empty());
  EXPECT_THAT(err_, HasSubstr("3 on their way"));
  cloud_.Answer(200, R"({"resent":1})");
  ASSERT_EQ(Run({"webhooks", "resend", "WH1", "--event", "7", "-o", "json"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.back().form, (Fields{{"Event", "7"}}));
  EXPECT_THAT(out_, HasSubstr("\"resent\""));
  EXPECT_EQ(Run({"webhooks", "resend"}), 1);
}

}  // namespace
}  // namespace strata::cli
