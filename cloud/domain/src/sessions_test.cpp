// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sign_in_backoff.hpp"
#include "world_test.hpp"

namespace strata::cloud {
namespace {

constexpr const char* kHere = "192.0.2.7";
constexpr const char* kElsewhere = "2001:db8::1";

class Sessions : public testing::Test {
 protected:
  std::string SignIn(std::string_view user, std::string_view secret) {
    auto made = world_.service->SignIn(user, secret, kHere);
    EXPECT_TRUE(made.ok()) << made.error().message;
    return made.ok() ? std::move(made->second) : std::string();
  }

  std::string SignIn() { return SignIn(world_.account->sid.text(), world_.token); }

  std::pair<int, int> Try(std::string_view token) {
    return Refusal(world_.service->ResumeSession(token));
  }

  TestWorld world_;
};

TEST_F(Sessions, SignIn_WithTheAuthToken_GivesTheAccountForTwelveHours) {
  const std::string token = SignIn();
  EXPECT_EQ(token.size(), 32U);
  EXPECT_NE(SignIn(), token);
  const auto session = world_.service->ResumeSession(token);
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->caller.account.sid, world_.account->sid);
  EXPECT_EQ(session->caller.scopes, Scope::kAdmin);
  EXPECT_EQ(session->caller.api_key, std::nullopt);
  EXPECT_EQ(session->date_expires, world_.clock.Now() + 12 * 60 * 60);
  world_.clock.Advance(12 * 60 * 60 - 1);
  EXPECT_EQ(Try(token), std::pair(200, 0));
  world_.clock.Advance(1);
  EXPECT_EQ(Try(token), std::pair(401, 20003));
}

TEST_F(Sessions, BegunUnderAClockThatWasAhead_EndWhenItIsSetRight) {
  const std::string token = SignIn();
  world_.clock.Advance(-4 * 60);
  EXPECT_EQ(Try(token), std::pair(200, 0)) << "clocks are corrected by a little all the time";
  world_.clock.Advance(-24 * 60 * 60);
  EXPECT_EQ(Try(token), std::pair(401, 20003));
}

TEST_F(Sessions, SignIn_WithAnApiKey_HasItsScopesAndEndsWithIt) {
  const auto made = world_.service->CreateApiKey(*world_.account, "wall", Scope::kRead);
  ASSERT_TRUE(made.ok());
  const std::string token = SignIn(made->first.sid.text(), made->second);
  const std::string other = SignIn();
  const auto session = world_.service->ResumeSession(token);
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->caller.scopes, Scope::kRead);
  EXPECT_EQ(session->caller.api_key, made->first.sid);
  ASSERT_TRUE(world_.service->DeleteApiKey(*world_.account, made->first.sid.text()).ok());
  EXPECT_EQ(Try(token), std::pair(401, 20003));
  EXPECT_EQ(Try(other), std::pair(200, 0));
}

TEST_F(Sessions, AnotherAuthToken_EndsTheSessionsOfTheOldOne) {
  const std::string token = SignIn();
  const auto fresh = world_.service->ResetToken(world_.account->sid);
  ASSERT_TRUE(fresh.ok());
  EXPECT_EQ(Try(token), std::pair(401, 20003));
  EXPECT_EQ(Try(SignIn(world_.account->sid.text(), *fresh)), std::pair(200, 0));
}

TEST_F(Sessions, SignOut_EndsThatSessionOnly) {
  const std::string token = SignIn();
  const std::string other = SignIn();
  ASSERT_TRUE(world_.service->SignOut(token).ok());
  ASSERT_TRUE(world_.service->SignOut(token).ok());
  EXPECT_EQ(Try(token), std::pair(401, 20003));
  EXPECT_EQ(Try(other), std::pair(200, 0));
}

TEST_F(Sessions, Resume_AnythingElse_IsRefused) {
  const std::string token = SignIn();
  for (const std::string& bad : {std::string(),
                                 token.substr(1),
                                 token + "0",
                                 std::string(32, '0'),
                                 world_.token,
                                 std::string(100'000, 'a')}) {
    EXPECT_EQ(Try(bad), std::pair(401, 20003));
  }
}

TEST_F(Sessions, OneCredential_KeepsItsNewestHundred) {
  const std::string first = SignIn();
  const auto key = world_.service->CreateApiKey(*world_.account, "wall", Scope::kRead);
  const std::string of_key = SignIn(key->first.sid.text(), key->second);
  std::string second;
  for (int i = 0; i < 100; ++i) {
    world_.clock.Advance(1);
    const std::string token = SignIn();
    second = i == 0 ? token : second;
  }
  EXPECT_EQ(Try(first), std::pair(401, 20003));
  EXPECT_EQ(Try(second), std::pair(200, 0));
  EXPECT_EQ(Try(of_key), std::pair(200, 0));
}

TEST_F(Sessions, SignIn_WithAWrongSecret_WaitsLongerEachTimeAndOnlyThere) {
  const std::string_view user = world_.account->sid.text();
  const auto wrong = [&](const char* address) {
    return world_.service->SignIn(user, "wrong", address);
  };
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Refusal(wrong(kHere)), std::pair(401, 20003)) << i;
  }
  const auto early = world_.service->SignIn(user, world_.token, kHere);
  EXPECT_EQ(Refusal(early), std::pair(429, 20429)) << "also with the right one";
  EXPECT_EQ(early.error().retry_after_sec, 1);
  world_.clock.Advance(1);
  EXPECT_EQ(Refusal(wrong(kHere)), std::pair(401, 20003));
  EXPECT_EQ(wrong(kHere).error().retry_after_sec, 2);
  EXPECT_TRUE(world_.service->SignIn(user, world_.token, kElsewhere).ok());
  EXPECT_EQ(Refusal(world_.service->SignIn(world_.stranger->sid.text(), "wrong", kHere)),
            std::pair(401, 20003));
  world_.clock.Advance(2);
  EXPECT_TRUE(world_.service->SignIn(user, world_.token, kHere).ok());
  EXPECT_EQ(Refusal(wrong(kHere)), std::pair(401, 20003)) << "a good one begins anew";
}

TEST(SignInWaits, Attempts_DoubleTheWaitUpToAQuarterOfAnHour) {
  SignInBackoff backoff;
  UnixSeconds now = 1'000'000;
  for (std::uint32_t i = 0; i < SignInBackoff::kFreeAttempts; ++i) {
    EXPECT_EQ(backoff.Begin(kHere, "x", now), 0);
  }
  for (const int expected : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900}) {
    EXPECT_EQ(backoff.Begin(kHere, "x", now), expected);
    EXPECT_EQ(backoff.Begin(kHere, "x", now + expected - 1), 1) << "waiting is not an attempt";
    now += expected;
    EXPECT_EQ(backoff.Begin(kHere, "x", now), 0);
  }
  now += SignInBackoff::kForgetSec;
  EXPECT_EQ(backoff.Begin(kHere, "x", now), 0);
  EXPECT_EQ(backoff.Begin(kHere, "x", now), 0);
}

TEST(SignInWaits, ClockThatStepsBack_AddsNothing) {
  SignInBackoff backoff;
  for (int i = 0; i < 6; ++i) {
    static_cast<void>(backoff.Begin(kHere, "x", 1'000'000));
  }
  EXPECT_LE(backoff.Begin(kHere, "x", 1'000), 1);
  EXPECT_EQ(backoff.Begin(kHere, "x", 1'001), 0);
}

TEST(SignInWaits, ManyAddresses_AreForgottenOldestFirst) {
  SignInBackoff backoff;
  for (int i = 0; i < 6; ++i) {
    static_cast<void>(backoff.Begin(kHere, "x", 100));
  }
  for (std::size_t i = 0; i < SignInBackoff::kMostEntries - 1; ++i) {
    EXPECT_EQ(backoff.Begin("a" + std::to_string(i), "x", 100), 0);
  }
  EXPECT_GT(backoff.Begin(kHere, "x", 100), 0);
  EXPECT_EQ(backoff.Begin(kElsewhere, "x", 101), 0) << "one more takes the place of an older one";
}

}  // namespace
}  // namespace strata::cloud
