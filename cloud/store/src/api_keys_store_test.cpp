// SPDX-License-Identifier: Apache-2.0
#include "store_rows_test.hpp"

namespace strata::cloud {
namespace {

ApiKeyRecord KeyOf(std::uint8_t account, std::uint8_t seed) {
  Digest hash;
  hash.bytes.fill(seed);
  return {.key = {.sid = SidOf<ApiKeySid>(seed),
                  .account_sid = SidOf<AccountSid>(account),
                  .friendly_name = "ci",
                  .scopes = Scope::kDeploy | Scope::kAdmin,
                  .date_created = 100},
          .secret_hash = hash};
}

class ApiKeyRows : public StoreTest {
 protected:
  ApiKeyRows() {
    EXPECT_TRUE(Write([](StoreTransaction& t) { return t.InsertApiKey(KeyOf(1, 10)); }).ok());
  }

  std::optional<ApiKeyRecord> Find(std::uint8_t seed) {
    std::optional<ApiKeyRecord> found;
    EXPECT_TRUE(store_
                    ->Read([&](StoreView& view) -> Status {
                      STRATA_TRY_ASSIGN(found, view.FindApiKeyBySid(SidOf<ApiKeySid>(seed)));
                      return {};
                    })
                    .ok());
    return found;
  }
};

TEST_F(ApiKeyRows, Insert_ReadsBackWhole) {
  const ApiKeyRecord wanted = KeyOf(1, 10);
  const auto found = Find(10);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->key.sid, wanted.key.sid);
  EXPECT_EQ(found->key.account_sid, wanted.key.account_sid);
  EXPECT_EQ(found->key.friendly_name, "ci");
  EXPECT_EQ(found->key.scopes, wanted.key.scopes);
  EXPECT_EQ(found->key.date_created, 100);
  EXPECT_EQ(found->key.date_last_used, std::nullopt);
  EXPECT_EQ(found->secret_hash, wanted.secret_hash);
  EXPECT_FALSE(Find(11).has_value());
}

TEST_F(ApiKeyRows, Sid_IsUniqueOverAllAccounts) {
  const Status again = Write([](StoreTransaction& t) { return t.InsertApiKey(KeyOf(2, 10)); });
  EXPECT_EQ(again.error().code, Code::kAlreadyExists);
  const Status nobody = Write([](StoreTransaction& t) { return t.InsertApiKey(KeyOf(3, 11)); });
  EXPECT_EQ(nobody.error().code, Code::kInvalidArgument);
}

TEST_F(ApiKeyRows, TouchAndDelete_ReachOnlyTheirAccount) {
  const auto sid = SidOf<ApiKeySid>(10);
  ASSERT_TRUE(Write([&](StoreTransaction& t) -> Status {
                STRATA_TRY(t.TouchApiKey(SidOf<AccountSid>(2), sid, 5));
                return t.DeleteApiKey(SidOf<AccountSid>(2), sid);
              }).ok());
  ASSERT_TRUE(Find(10).has_value());
  EXPECT_EQ(Find(10)->key.date_last_used, std::nullopt);
  ASSERT_TRUE(
      Write([&](StoreTransaction& t) { return t.TouchApiKey(SidOf<AccountSid>(1), sid, 5); }).ok());
  EXPECT_EQ(Find(10)->key.date_last_used, 5);
  ASSERT_TRUE(
      Write([&](StoreTransaction& t) { return t.DeleteApiKey(SidOf<AccountSid>(1), sid); }).ok());
  EXPECT_FALSE(Find(10).has_value());
}

TEST_F(ApiKeyRows, List_IsNewestFirstAndOfOneAccount) {
  ASSERT_TRUE(Write([](StoreTransaction& t) -> Status {
                STRATA_TRY(t.InsertApiKey(KeyOf(1, 11)));
                return t.InsertApiKey(KeyOf(2, 12));
              }).ok());
  ListedRows<ApiKey> rows;
  ASSERT_TRUE(store_
                  ->Read([&](StoreView& view) -> Status {
                    STRATA_TRY_ASSIGN(rows, view.ListApiKeys(SidOf<AccountSid>(1), {.limit = 9}));
                    return {};
                  })
                  .ok());
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].item.sid, SidOf<ApiKeySid>(11));
  EXPECT_EQ(rows[1].item.sid, SidOf<ApiKeySid>(10));
}

}  // namespace
}  // namespace strata::cloud
