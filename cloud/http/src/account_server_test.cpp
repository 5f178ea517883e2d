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

TEST_F(AccountServer, DevelopmentSigning_OptInSignsUnsignedUploadsForDevelopmentDevices) {
  const auto post = [this](const std::string& form) {
    return People()->Ask(FormRequest("/v1/Account", form));
  };
  const auto zip = TestWorld::MakeBundle({}).zip;
  const auto before = ParseJson(People()->Ask(Request("GET", "/v1/Account")).body);
  EXPECT_FALSE(before.at("development_signing").as_bool());
  EXPECT_TRUE(before.at("development_signer").is_null());
  EXPECT_EQ(post("DevelopmentSigning=on").status, 400);
  EXPECT_EQ(ParseJson(People()->Ask(UploadRequest(AsText(zip))).body).at("code"), 65002);

  const auto on = ParseJson(post("DevelopmentSigning=true").body);
  EXPECT_TRUE(on.at("development_signing").as_bool());
  const auto& signer = on.at("development_signer").as_object();
  const auto made = People()->Ask(UploadRequest(AsText(zip)));
  ASSERT_EQ(made.status, 201) << made.body;
  const auto app = ParseJson(made.body);
  EXPECT_EQ(JsonText(app, "signer_id"), JsonText(signer, "key_id"));
  EXPECT_EQ(app.at("warnings").as_array().size(), 1U);

  const auto provision = [this](const std::string& more) {
    const TestKey key = MakeTestKey();
    return ParseJson(
        People()->Ask(FormRequest("/v1/Devices", "Csr=" + Encode(key.csr_pem) + more)).body);
  };
  const auto ours = provision("&Development=true");
  EXPECT_TRUE(ours.at("development").as_bool());
  EXPECT_EQ(JsonText(ours, "development_signer"), JsonText(signer, "public_key"));
  EXPECT_EQ(Deploy(JsonText(ours, "sid"), JsonText(app, "sid")).status, 200);
  const auto production = provision("");
  EXPECT_FALSE(production.at("development").as_bool());
  EXPECT_TRUE(production.at("development_signer").is_null());
  const auto refused = Deploy(JsonText(production, "sid"), JsonText(app, "sid"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(ParseJson(refused.body).at("code"), 65009);
  const auto off = ParseJson(post("DevelopmentSigning=false").body);
  EXPECT_FALSE(off.at("development_signing").as_bool());
  EXPECT_EQ(off.at("development_signer"), on.at("development_signer"));
}

}  // namespace
}  // namespace strata::cloud
