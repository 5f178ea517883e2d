// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using AccountServer = ServerWorld;

TEST_F(AccountServer, Fetch_GivesTheCallersOwn) {
  const auto response = People()->Ask(Request("GET", "/v1/Account"));
  ASSERT_EQ(response.status, 200) << response.body;
  const auto account = ParseJson(response.body);
  EXPECT_EQ(JsonText(account, "sid"), world.account->sid.text());
  EXPECT_EQ(JsonText(account, "friendly_name"), "ours");
  EXPECT_EQ(JsonText(account, "url"), "https://cloud.test:1234/v1/Account");
  EXPECT_EQ(response.body.find(world.token), std::string::npos);
}

TEST_F(AccountServer, Update_FriendlyName_ChangesOnlyTheCallersOwn) {
  const auto renamed = People()->Ask(FormRequest("/v1/Account", "FriendlyName=Team%20blue"));
  ASSERT_EQ(renamed.status, 200) << renamed.body;
  EXPECT_EQ(JsonText(ParseJson(renamed.body), "friendly_name"), "Team blue");
  EXPECT_EQ(People()->Ask(Request("GET", "/v1/Account")).body, renamed.body);
  EXPECT_EQ(People()->Ask(FormRequest("/v1/Account", "")).body, renamed.body) << "absent stays";
  EXPECT_EQ(People()->Ask(FormRequest("/v1/Account", "FriendlyName=%01")).status, 400);
  const auto accounts = service->ListAccounts();
  ASSERT_EQ(accounts->size(), 2U);
  for (const Account& account : *accounts) {
    EXPECT_EQ(account.friendly_name, account.sid == world.account->sid ? "Team blue" : "theirs");
  }
}

TEST_F(AccountServer, ResetToken_OldOneIsRefusedFromTheNextRequestOn) {
  const auto client = People();
  ASSERT_EQ(client->Ask(Request("GET", "/v1/Account")).status, 200);
  const auto token = service->ResetToken(world.account->sid);
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(client->Ask(Request("GET", "/v1/Account")).status, 401);
  world.token = *token;
  EXPECT_EQ(client->Ask(Request("GET", "/v1/Account")).status, 200);
  EXPECT_EQ(Refusal(service->ResetToken(*AccountSid::Parse("AC" + std::string(32, '0')))),
            std::pair(404, 20404));
}

}  // namespace
}  // namespace strata::cloud
