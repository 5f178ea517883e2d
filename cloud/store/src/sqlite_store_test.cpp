// SPDX-License-Identifier: Apache-2.0
// The database's file: how it opens, what it keeps, and what happens when it cannot.
#include <atomic>
#include <fstream>
#include <new>
#include <thread>

#include <sys/stat.h>

#include "strata/cloud/store/sqlite_backup.hpp"

#include "store_rows_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;

class SqliteStore : public StoreTest {};

TEST_F(SqliteStore, Open_NewFile_IsPrivateAndAnswers) {
  for (const char* name : {"strata.db", "strata.db-wal", "strata.db-shm"}) {
    struct stat status {};

    ASSERT_EQ(::stat(dir_.File(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
  EXPECT_TRUE(store_->Probe().ok());
}

TEST_F(SqliteStore, Connection_HasTheDurableSettings) {
  const auto connection = std::move(SqliteConnection::Open(dir_.File("strata.db"), 100)).value();
  const auto setting = [&](std::string_view pragma) {
    return connection->Query(pragma, {}).value().at(0).at(0);
  };
  EXPECT_EQ(setting("PRAGMA journal_mode"), Value("wal"));
  EXPECT_EQ(setting("PRAGMA synchronous"), Value(std::int64_t{2}));
  EXPECT_EQ(setting("PRAGMA foreign_keys"), Value(std::int64_t{1}));
}

TEST_F(SqliteStore, Reopen_KeepsEverything) {
  ASSERT_TRUE(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(1, 10)); }).ok());
  store_.reset();
  store_ = std::move(OpenSqliteStore({.path = dir_.File("strata.db")})).value();
  const auto app = FindApp(1, 10);
  ASSERT_TRUE(app.has_value());
  EXPECT_EQ(app->signer, static_cast<KeyId>(0xFFEEDDCCBBAA9988));
  EXPECT_EQ(app->manifest_hash, DigestOf(10));
}

TEST_F(SqliteStore, Open_NewerSchema_IsRefusedAndUntouched) {
  store_.reset();
  {
    const auto connection = std::move(SqliteConnection::Open(dir_.File("strata.db"), 100)).value();
    ASSERT_TRUE(connection->Query("INSERT INTO schema_version VALUES (99)", {}).ok());
  }
  const auto reopened = OpenSqliteStore({.path = dir_.File("strata.db")});
  ASSERT_FALSE(reopened.ok());
  EXPECT_EQ(reopened.error().status, 503);
  EXPECT_THAT(reopened.error().message, HasSubstr("newer Strata (schema 99)"));
  store_ = std::move(OpenSqliteStore({.path = dir_.File("other.db")})).value();
}

TEST_F(SqliteStore, Open_FilesOfOthers_AreRefused) {
  std::ofstream(dir_.File("text.db")) << "this is not a database, but it is long enough to be read";
  const auto text = OpenSqliteStore({.path = dir_.File("text.db")});
  ASSERT_FALSE(text.ok());
  EXPECT_THAT(text.error().message, HasSubstr("text.db"));

  std::ofstream(dir_.File("foreign.db")).close();
  {
    const auto connection = std::move(SqliteConnection::Open(dir_.File("foreign.db"), 100)).value();
    ASSERT_TRUE(connection->Query("CREATE TABLE diary (entry TEXT)", {}).ok());
  }
  const auto foreign = OpenSqliteStore({.path = dir_.File("foreign.db")});
  ASSERT_FALSE(foreign.ok());
  EXPECT_THAT(foreign.error().message, HasSubstr("not a database of Strata"));

  const auto nowhere = OpenSqliteStore({.path = dir_.File("none/strata.db")});
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().code, 20503);
}

TEST_F(SqliteStore, Open_Version1_IsBroughtUpToDateWithItsRows) {
  std::ofstream(dir_.File("old.db")).close();
  {
    const auto connection = std::move(SqliteConnection::Open(dir_.File("old.db"), 100)).value();
    ASSERT_TRUE(Migrate(*connection, Migrations().first(1)).ok());
    for (const char* statement :
         {"INSERT INTO accounts VALUES ('AC01010101010101010101010101010101', 'a', x'00', 1, 1)",
          "INSERT INTO signing_keys VALUES ('AC01010101010101010101010101010101', "
          "'0000000000000007', 1, 'release', zeroblob(65), 5)"}) {
      ASSERT_TRUE(connection->Query(statement, {}).ok()) << statement;
    }
  }
  store_ = std::move(OpenSqliteStore({.path = dir_.File("old.db")})).value();
  const auto signers = Get<std::vector<SigningKey>>(
      [](StoreView& view) { return view.ActiveSigners(SidOf<AccountSid>(1)); });
  ASSERT_EQ(signers.size(), 1U);
  EXPECT_EQ(signers.at(0).friendly_name, "release");
  EXPECT_EQ(signers.at(0).type, KeyType::kManifestSigner);
  const auto kept = SqliteConnection::Open(dir_.File("old.db.schema-1"), 100);
  ASSERT_TRUE(kept.ok()) << "the way back";
  const auto rows = (*kept)->Query(
      "SELECT max(version), friendly_name FROM schema_version, "
      "signing_keys",
      {});
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->at(0), (Values{std::int64_t{1}, std::string("release")}));
}

TEST_F(SqliteStore, Open_EveryOldSchema_IsBroughtUpToDateAndHasAWayBack) {
  for (std::size_t version = 1; version < Migrations().size(); ++version) {
    const std::string path = dir_.File(std::to_string(version) + ".db");
    std::ofstream(path).close();
    {
      const auto connection = std::move(SqliteConnection::Open(path, 100)).value();
      ASSERT_TRUE(Migrate(*connection, Migrations().first(version)).ok());
    }
    ASSERT_TRUE(OpenSqliteStore({.path = path}).ok()) << version;
    EXPECT_TRUE(CheckSqlite(path).ok()) << version;
    const std::string kept = path + ".schema-" + std::to_string(version);
    const auto connection = std::move(SqliteConnection::Open(kept, 100)).value();
    const auto rows = connection->Query("SELECT max(version) FROM schema_version", {});
    ASSERT_TRUE(rows.ok());
    EXPECT_EQ(rows->at(0).at(0), Value(static_cast<std::int64_t>(version)));
    ASSERT_TRUE(OpenSqliteStore({.path = path}).ok()) << "nothing is left to do";
    EXPECT_FALSE(std::filesystem::exists(path + ".schema-" + std::to_string(Migrations().size())));
  }
}

TEST_F(SqliteStore, Open_OldSchemaWithoutRoomForTheWayBack_ChangesNothing) {
  std::ofstream(dir_.File("old.db")).close();
  {
    const auto connection = std::move(SqliteConnection::Open(dir_.File("old.db"), 100)).value();
    ASSERT_TRUE(Migrate(*connection, Migrations().first(1)).ok());
  }
  std::filesystem::create_directories(dir_.File("old.db.schema-1") + "/in-the-way");
  EXPECT_EQ(OpenSqliteStore({.path = dir_.File("old.db")}).error().code, 20503);
  const auto connection = std::move(SqliteConnection::Open(dir_.File("old.db"), 100)).value();
  const auto rows = connection->Query("SELECT max(version) FROM schema_version", {});
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->at(0).at(0), Value(std::int64_t{1}));
}

TEST_F(SqliteStore, Row_OfTheWrongForm_IsAnErrorNotAnAnswer) {
  ASSERT_TRUE(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(1, 10)); }).ok());
  const auto connection = std::move(SqliteConnection::Open(dir_.File("strata.db"), 100)).value();
  ASSERT_TRUE(connection->Query("UPDATE apps SET manifest_hash = x'00'", {}).ok());
  const Status read = store_->Read([](StoreView& view) -> Status {
    STRATA_TRY(view.FindApp(SidOf<AccountSid>(1), SidOf<AppSid>(10)));
    return {};
  });
  EXPECT_EQ(read.error().code, Code::kIo);
}

TEST_F(SqliteStore, Write_AnotherProcessHoldsTheLock_TimesOut) {
  const auto other = std::move(SqliteConnection::Open(dir_.File("strata.db"), 100)).value();
  store_ =
      std::move(OpenSqliteStore({.path = dir_.File("strata.db"), .busy_timeout_ms = 50})).value();
  ASSERT_TRUE(other->Query("BEGIN IMMEDIATE", {}).ok());
  EXPECT_EQ(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(1, 10)); }).error().code,
            Code::kTimeout);
  ASSERT_TRUE(other->Query("ROLLBACK", {}).ok());
  EXPECT_TRUE(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(1, 10)); }).ok());
}

TEST_F(SqliteStore, Read_CannotWrite) {
  const Status status = store_->Read([](StoreView& view) -> Status {
    return static_cast<StoreTransaction&>(view).InsertAccount(AccountOf(7));
  });
  EXPECT_FALSE(status.ok());
}

TEST_F(SqliteStore, DiskFull_UndoesTheTransactionAndTheStoreGoesOn) {
  store_.reset();
  const auto connection = std::move(SqliteConnection::Open(dir_.File("strata.db"), 100)).value();
  const auto pages = connection->Query("PRAGMA page_count", {}).value().at(0).at(0);
  ASSERT_TRUE(
      connection
          ->Query("PRAGMA max_page_count = " + std::to_string(std::get<std::int64_t>(pages) + 1),
                  {})
          .ok());
  const auto fill = [](DbConnection& db) -> Status {
    SqlTransaction transaction(db);
    const std::vector<std::uint8_t> large(100'000, 1);
    return transaction.InsertApp(AppOf(1, 10), large, {});
  };
  EXPECT_EQ(connection->Transact("BEGIN IMMEDIATE", fill).error().code, Code::kTooLarge);
  EXPECT_EQ(connection->Query("SELECT count(*) FROM apps", {}).value().at(0).at(0),
            Value(std::int64_t{0}));
  EXPECT_TRUE(connection
                  ->Transact("BEGIN IMMEDIATE",
                             [](DbConnection& db) -> Status {
                               SqlTransaction transaction(db);
                               return InsertApp(transaction, AppOf(1, 11));
                             })
                  .ok());
}

TEST_F(SqliteStore, BodyThatThrows_UndoesTheTransactionAndTheStoreGoesOn) {
  const auto insert_and_throw = [](StoreTransaction& t) -> Status {
    STRATA_TRY(InsertApp(t, AppOf(1, 10)));
    throw std::bad_alloc();
  };
  EXPECT_THROW((void)Write(insert_and_throw), std::bad_alloc);
  EXPECT_THROW((void)store_->Read([](StoreView&) -> Status { throw std::bad_alloc(); }),
               std::bad_alloc);
  EXPECT_FALSE(FindApp(1, 10).has_value());
  EXPECT_TRUE(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(1, 11)); }).ok());
  EXPECT_TRUE(FindApp(1, 11).has_value());
}

TEST_F(SqliteStore, ManyThreads_ReadAndWrite_LoseNothing) {
  constexpr int kThreads = 6;
  constexpr int kEach = 10;
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const auto seed = static_cast<std::uint8_t>(10 + thread * kEach + i);
        failures +=
            Write([&](StoreTransaction& t) { return InsertApp(t, AppOf(1, seed)); }).ok() ? 0 : 1;
        failures += FindApp(1, seed).has_value() ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(failures, 0);
  const auto all = Get<ListedRows<App>>(
      [](StoreView& view) { return view.ListApps(SidOf<AccountSid>(1), {.limit = 1000}); });
  ASSERT_EQ(all.size(), static_cast<std::size_t>(kThreads * kEach));
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_GT(all[i - 1].position, all[i].position) << "sequences are unique and fall";
  }
}

}  // namespace
}  // namespace strata::cloud
