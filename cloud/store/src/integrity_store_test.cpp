// SPDX-License-Identifier: Apache-2.0
// A page of the database that is no longer what was written.
#include <fstream>

#include "store_rows_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;

class Integrity : public StoreTest {
 protected:
  /// Overwrites the first page of a table, or a page in its middle, in the file itself.
  void Damage(const std::string& table) {
    store_.reset();  // what is in the write-ahead log goes to its pages
    std::int64_t page = 0;
    {
      const auto connection =
          std::move(SqliteConnection::Open(dir_.File("strata.db"), 100)).value();
      const Rows rows =
          connection->Query("SELECT rootpage FROM sqlite_schema WHERE name = $1", {Value(table)})
              .value();
      page = std::get<std::int64_t>(rows.at(0).at(0));
    }
    std::fstream file(dir_.File("strata.db"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((page - 1) * 4096);
    file << std::string(4096, '\x5a');
    file.close();
    Reopen();
  }

  void Reopen() {
    auto opened = OpenSqliteStore({.path = dir_.File("strata.db")});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = std::move(opened).value();
  }

  /// Checks parts until damage is found: how many; 0: a hundred were sound.
  int FindDamage() {
    for (int part = 1; part <= 100; ++part) {
      const Status checked = store_->CheckPart([] { return true; });
      if (!checked.ok()) {
        EXPECT_EQ(checked.error().code, Code::kMalformed);
        return part;
      }
    }
    return 0;
  }
};

TEST_F(Integrity, SoundDatabase_StaysInUse) {
  ASSERT_TRUE(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(1, 10)); }).ok());
  EXPECT_EQ(FindDamage(), 0);
  EXPECT_TRUE(store_->Probe().ok());
  EXPECT_FALSE(std::filesystem::exists(dir_.File("strata.db.damaged")));
}

TEST_F(Integrity, DamagedPage_IsFoundAndNothingIsServedAnyMore) {
  ASSERT_TRUE(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(1, 10)); }).ok());
  Damage("apps");
  EXPECT_TRUE(store_->Probe().ok()) << "nobody looked yet";
  EXPECT_GT(FindDamage(), 0);
  EXPECT_EQ(store_->Probe().error().code, Code::kMalformed);
  EXPECT_EQ(store_->Read([](StoreView&) { return Status(); }).error().code, Code::kMalformed);
  EXPECT_EQ(store_->Write([](StoreTransaction&) { return Status(); }).error().code,
            Code::kMalformed);
  store_.reset();
  const auto reopened = OpenSqliteStore({.path = dir_.File("strata.db")});
  ASSERT_FALSE(reopened.ok()) << "nor by the next process";
  EXPECT_THAT(reopened.error().message, HasSubstr("restore a backup"));
}

TEST_F(Integrity, DamagedPageThatSomebodyReads_IsFoundAtOnce) {
  ASSERT_TRUE(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(1, 10)); }).ok());
  Damage("apps");
  const Status read = store_->Read([](StoreView& view) -> Status {
    STRATA_TRY(view.FindApp(SidOf<AccountSid>(1), SidOf<AppSid>(10)));
    return {};
  });
  EXPECT_EQ(read.error().code, Code::kMalformed);
  EXPECT_EQ(store_->Probe().error().code, Code::kMalformed);
}

TEST_F(Integrity, DamagedIndex_IsFound) {
  ASSERT_TRUE(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(1, 10)); }).ok());
  Damage("webhooks_list");
  EXPECT_GT(FindDamage(), 0);
}

TEST_F(Integrity, Check_EndsWhenItIsToldTo) {
  EXPECT_TRUE(store_->CheckPart([] { return false; }).ok());
  EXPECT_TRUE(store_->Probe().ok());
}

}  // namespace
}  // namespace strata::cloud
