// SPDX-License-Identifier: Apache-2.0
#include "store_rows_test.hpp"

namespace strata::cloud {
namespace {

SessionRecord SessionOf(std::uint8_t account, std::uint8_t seed, UnixSeconds expires = 100) {
  return {.token_hash = DigestOf(seed),
          .account_sid = SidOf<AccountSid>(account),
          .secret_hash = DigestOf(7),
          .date_created = seed,
          .date_expires = expires};
}

class SessionRows : public StoreTest {
 protected:
  SessionRows() {
    EXPECT_TRUE(Write([](StoreTransaction& t) {
                  return t.InsertApiKey(
                      {.key = {.sid = SidOf<ApiKeySid>(5), .account_sid = SidOf<AccountSid>(1)}});
                }).ok());
  }

  std::optional<SessionRecord> Find(std::uint8_t seed) {
    std::optional<SessionRecord> found;
    EXPECT_TRUE(store_
                    ->Read([&](StoreView& view) -> Status {
                      STRATA_TRY_ASSIGN(found, view.FindSession(DigestOf(seed)));
                      return {};
                    })
                    .ok());
    return found;
  }
};

TEST_F(SessionRows, Insert_ReadsBackWhole) {
  SessionRecord wanted = SessionOf(1, 10);
  wanted.api_key = SidOf<ApiKeySid>(5);
  ASSERT_TRUE(Write([&](StoreTransaction& t) { return t.InsertSession(wanted); }).ok());
  const auto found = Find(10);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->account_sid, wanted.account_sid);
  EXPECT_EQ(found->api_key, wanted.api_key);
  EXPECT_EQ(found->secret_hash, wanted.secret_hash);
  EXPECT_EQ(found->date_created, 10);
  EXPECT_EQ(found->date_expires, 100);
  EXPECT_FALSE(Find(11).has_value());
}

TEST_F(SessionRows, DeletedApiKey_TakesItsSessionsAlong) {
  SessionRecord of_key = SessionOf(1, 10);
  of_key.api_key = SidOf<ApiKeySid>(5);
  ASSERT_TRUE(Write([&](StoreTransaction& t) -> Status {
                STRATA_TRY(t.InsertSession(of_key));
                STRATA_TRY(t.InsertSession(SessionOf(1, 11)));
                return t.DeleteApiKey(SidOf<AccountSid>(1), SidOf<ApiKeySid>(5));
              }).ok());
  EXPECT_FALSE(Find(10).has_value());
  EXPECT_TRUE(Find(11).has_value());
  // A key of another account is none.
  SessionRecord foreign = SessionOf(2, 12);
  foreign.api_key = SidOf<ApiKeySid>(5);
  EXPECT_FALSE(Write([&](StoreTransaction& t) { return t.InsertSession(foreign); }).ok());
}

TEST_F(SessionRows, DeleteAndTrim_ReachOnlyTheirAccount) {
  ASSERT_TRUE(Write([](StoreTransaction& t) -> Status {
                STRATA_TRY(t.InsertSession(SessionOf(1, 10)));
                STRATA_TRY(t.InsertSession(SessionOf(1, 11)));
                STRATA_TRY(t.InsertSession(SessionOf(2, 12)));
                STRATA_TRY(t.DeleteSession(SidOf<AccountSid>(2), DigestOf(10)));
                return t.TrimSessions(SidOf<AccountSid>(1), DigestOf(7), 1);
              }).ok());
  EXPECT_FALSE(Find(10).has_value()) << "the older one of two";
  EXPECT_TRUE(Find(11).has_value());
  EXPECT_TRUE(Find(12).has_value());
}

TEST_F(SessionRows, Forget_DropsWhatHasExpired) {
  ASSERT_TRUE(Write([](StoreTransaction& t) -> Status {
                STRATA_TRY(t.InsertSession(SessionOf(1, 10, 50)));
                STRATA_TRY(t.InsertSession(SessionOf(2, 11, 51)));
                return t.ForgetSessions(50);
              }).ok());
  EXPECT_FALSE(Find(10).has_value());
  EXPECT_TRUE(Find(11).has_value());
}

}  // namespace
}  // namespace strata::cloud
