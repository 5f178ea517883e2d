// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world_test.hpp"

namespace strata::cloud {
namespace {

class ApiKeys : public testing::Test {
 protected:
  std::pair<ApiKey, std::string> Make(Scopes scopes, std::string_view name = "ci") {
    auto made = world_.service->CreateApiKey(*world_.account, name, scopes);
    EXPECT_TRUE(made.ok());
    return std::move(made).value();
  }

  ApiResult<Caller> Try(const ApiKey& key, std::string_view secret) {
    return world_.service->Authenticate(key.sid.text(), secret);
  }

  TestWorld world_;
};

TEST(ScopeNames, Parse_OnlyKnownNamesJoinedByCommas) {
  EXPECT_EQ(ParseScopes("read"), Scopes(Scope::kRead));
  EXPECT_EQ(ParseScopes("deploy,provision,deploy"), Scope::kDeploy | Scope::kProvision);
  for (const char* bad : {"", ",", "read,", ",read", "Read", "read, deploy", "all", "read\n"}) {
    EXPECT_EQ(ParseScopes(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(ScopesText(Scope::kAdmin | Scope::kRead, "+"), "read+admin");
  EXPECT_EQ(Scopes::FromBits(16), std::nullopt);
}

TEST_F(ApiKeys, Authenticate_RightSecret_GivesTheAccountAndOnlyItsScopes) {
  const auto [key, secret] = Make(Scope::kRead | Scope::kProvision);
  const auto caller = Try(key, secret);
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ(caller->account.sid, world_.account->sid);
  EXPECT_EQ(caller->scopes, Scope::kRead | Scope::kProvision);
  EXPECT_EQ(caller->api_key, key.sid);
}

TEST_F(ApiKeys, Authenticate_AnythingElse_IsTheSameRefusal) {
  const auto [key, secret] = Make(Scope::kAdmin);
  const auto [other, other_secret] = Make(Scope::kAdmin);
  const std::string wrong = Try(key, "").error().message;
  for (const auto& [user, password] : std::vector<std::pair<std::string, std::string>>{
           {std::string(key.sid.text()), other_secret},
           {std::string(key.sid.text()), secret + "0"},
           {std::string(key.sid.text()), world_.token},
           {std::string(world_.account->sid.text()), secret},
           {"SK" + std::string(32, '0'), secret},
           {"SK", secret}}) {
    const auto result = world_.service->Authenticate(user, password);
    EXPECT_EQ(Refusal(result), std::pair(401, 20003)) << user;
    EXPECT_EQ(result.error().message, wrong);
  }
}

TEST_F(ApiKeys, Delete_TakesEffectOnTheNextRequest) {
  const auto [key, secret] = Make(Scope::kDeploy);
  const auto [stays, stays_secret] = Make(Scope::kDeploy);
  ASSERT_TRUE(Try(key, secret).ok());
  ASSERT_TRUE(world_.service->DeleteApiKey(*world_.account, key.sid.text()).ok());
  EXPECT_EQ(Refusal(Try(key, secret)), std::pair(401, 20003));
  EXPECT_TRUE(Try(stays, stays_secret).ok());
  EXPECT_EQ(Refusal(world_.service->DeleteApiKey(*world_.account, key.sid.text())),
            std::pair(404, 20404));
}

TEST_F(ApiKeys, LastUsed_IsWrittenOnceAnHour) {
  const auto [key, secret] = Make(Scope::kRead);
  const auto last_used = [&, &sid = key.sid] {
    return world_.service->FetchApiKey(*world_.account, sid.text())->date_last_used;
  };
  EXPECT_EQ(last_used(), std::nullopt);
  EXPECT_FALSE(Try(key, "wrong").ok());
  EXPECT_EQ(last_used(), std::nullopt) << "a wrong secret is no use";
  const UnixSeconds first = world_.clock.Now();
  ASSERT_TRUE(Try(key, secret).ok());
  EXPECT_EQ(last_used(), first);
  world_.clock.Advance(3599);
  const int writes = world_.store->writes;
  ASSERT_TRUE(Try(key, secret).ok());
  EXPECT_EQ(world_.store->writes, writes);
  EXPECT_EQ(last_used(), first);
  world_.clock.Advance(1);
  ASSERT_TRUE(Try(key, secret).ok());
  EXPECT_EQ(last_used(), first + 3600);
}

TEST_F(ApiKeys, LastUsed_ThatCannotBeWritten_RefusesNobody) {
  const auto [key, secret] = Make(Scope::kRead);
  world_.store->calls_until_failure = 2;  // the read, then the write
  EXPECT_TRUE(Try(key, secret).ok());
}

TEST_F(ApiKeys, Create_SecretIsHighEntropyAndNotStored) {
  const auto [key, secret] = Make(Scope::kRead);
  EXPECT_EQ(secret.size(), 32U);
  EXPECT_EQ(secret.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(secret, Make(Scope::kRead).second);
  for (const auto& entry : std::filesystem::directory_iterator(world_.dir)) {
    if (entry.is_regular_file()) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      EXPECT_EQ(text.find(secret), std::string::npos) << entry.path();
    }
  }
}

TEST_F(ApiKeys, Create_WithoutScopeOrWithABadName_IsRefused) {
  EXPECT_EQ(Refusal(world_.service->CreateApiKey(*world_.account, "x", Scopes())),
            std::pair(400, 20001));
  EXPECT_EQ(Refusal(world_.service->CreateApiKey(
                *world_.account, std::string(65, 'a'), Scopes(Scope::kRead))),
            std::pair(400, 20001));
}

TEST_F(ApiKeys, OfAnotherAccount_DoNotExist) {
  const auto [key, secret] = Make(Scope::kAdmin);
  Make(Scope::kRead);
  Service& service = *world_.service;
  EXPECT_EQ(Refusal(service.FetchApiKey(*world_.stranger, key.sid.text())), std::pair(404, 20404));
  EXPECT_EQ(Refusal(service.DeleteApiKey(*world_.stranger, key.sid.text())), std::pair(404, 20404));
  EXPECT_TRUE(service.ListApiKeys(*world_.stranger, {})->items.empty());
  const auto page = service.ListApiKeys(*world_.account, {.page_size = 1});
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(Refusal(service.ListApiKeys(*world_.stranger, {.page_token = page->next_token})),
            std::pair(400, 20002));
  EXPECT_TRUE(Try(key, secret).ok());
}

}  // namespace
}  // namespace strata::cloud
