// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/store/sqlite_store.hpp"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "strata/cloud/store/sqlite_backup.hpp"

#include "migrations.hpp"
#include "sql_transaction.hpp"
#include "sqlite_connection.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;

class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "strata-store-XXXXXX").string();
    path_ = ::mkdtemp(name.data()) == nullptr ? std::string() : name;
  }

  ~TempDir() { std::filesystem::remove_all(path_); }

  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

template <typename SidType>
SidType SidOf(std::uint8_t seed) {
  std::array<std::uint8_t, 16> bytes{};
  bytes.fill(seed);
  return SidType::FromBytes(bytes);
}

Digest DigestOf(std::uint8_t seed) {
  Digest digest;
  digest.bytes.fill(seed);
  return digest;
}

AccountRecord AccountOf(std::uint8_t seed) {
  return {.account = {.sid = SidOf<AccountSid>(seed), .friendly_name = "a", .date_created = 1},
          .token_hash = DigestOf(seed)};
}

App AppOf(std::uint8_t account, std::uint8_t seed) {
  return {.sid = SidOf<AppSid>(seed),
          .account_sid = SidOf<AccountSid>(account),
          .manifest_hash = DigestOf(seed),
          .date_created = 100,
          .date_updated = 100,
          .app_version = "1",
          .hardware_type = "stm32u585",
          .signer = static_cast<KeyId>(0xFFEEDDCCBBAA9988),
          .layer_count = 1,
          .size_bytes = 5};
}

DeviceRecord DeviceOf(std::uint8_t account, std::uint8_t seed) {
  return {.device = {.sid = SidOf<DeviceSid>(seed),
                     .account_sid = SidOf<AccountSid>(account),
                     .hardware_type = "stm32u585",
                     .date_created = 100,
                     .date_updated = 100},
          .fingerprint = DigestOf(seed)};
}

const std::vector<std::uint8_t> kManifest = {1, 2, 3};

Status InsertApp(StoreTransaction& transaction, const App& app) {
  return transaction.InsertApp(app, kManifest, {{DigestOf(9), 5}});
}

class SqliteStore : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store_
                    ->Write([](StoreTransaction& transaction) -> Status {
                      STRATA_TRY(transaction.InsertAccount(AccountOf(1)));
                      return transaction.InsertAccount(AccountOf(2));
                    })
                    .ok());
  }

  Status Write(const Store::WriteBody& body) { return store_->Write(body); }

  template <typename T>
  T Get(const std::function<Result<T>(StoreView&)>& read) {
    std::optional<T> value;
    const Status status = store_->Read([&](StoreView& view) -> Status {
      STRATA_TRY_ASSIGN(value, read(view));
      return {};
    });
    EXPECT_TRUE(status.ok());
    return std::move(*value);
  }

  std::optional<App> FindApp(std::uint8_t account, std::uint8_t seed) {
    return Get<std::optional<App>>([&](StoreView& view) {
      return view.FindApp(SidOf<AccountSid>(account), SidOf<AppSid>(seed));
    });
  }

  TempDir dir_;
  std::unique_ptr<Store> store_ =
      std::move(OpenSqliteStore({.path = dir_.File("strata.db")})).value();
};

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

TEST_F(SqliteStore, Write_FailingBody_ChangesNothing) {
  const Status failed = Write([](StoreTransaction& transaction) -> Status {
    STRATA_TRY(InsertApp(transaction, AppOf(1, 10)));
    STRATA_TRY_ASSIGN(const auto seen,
                      transaction.FindApp(SidOf<AccountSid>(1), SidOf<AppSid>(10)));
    EXPECT_TRUE(seen.has_value()) << "a transaction sees its own changes";
    return Fail(Code::kPermission, Op::kNone, 77);
  });
  EXPECT_EQ(failed.error(), Fail(Code::kPermission, Op::kNone, 77));
  EXPECT_FALSE(FindApp(1, 10).has_value());
}

TEST_F(SqliteStore, Write_WhatIsTaken_IsAlreadyExists) {
  App named = AppOf(1, 10);
  named.unique_name = "blink";
  ASSERT_TRUE(Write([&](StoreTransaction& t) { return InsertApp(t, named); }).ok());
  App other = AppOf(1, 11);
  other.unique_name = "blink";
  const auto code = [&](const Store::WriteBody& body) { return Write(body).error().code; };
  EXPECT_EQ(code([&](StoreTransaction& t) { return InsertApp(t, other); }), Code::kAlreadyExists);
  EXPECT_EQ(code([&](StoreTransaction& t) { return InsertApp(t, AppOf(1, 10)); }),
            Code::kAlreadyExists);
  EXPECT_EQ(code([](StoreTransaction& t) { return t.InsertAccount(AccountOf(1)); }),
            Code::kAlreadyExists);
  other.account_sid = SidOf<AccountSid>(2);
  EXPECT_TRUE(Write([&](StoreTransaction& t) { return InsertApp(t, other); }).ok())
      << "names are each account's own";
  ASSERT_TRUE(Write([](StoreTransaction& t) { return t.InsertDevice(DeviceOf(1, 20)); }).ok());
  DeviceRecord twin = DeviceOf(2, 21);
  twin.fingerprint = DigestOf(20);
  EXPECT_EQ(code([&](StoreTransaction& t) { return t.InsertDevice(twin); }), Code::kAlreadyExists);
}

TEST_F(SqliteStore, Write_ReferencesThatDoNotHold_AreInvalid) {
  EXPECT_EQ(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(3, 10)); }).error().code,
            Code::kInvalidArgument)
      << "no such account";
  ASSERT_TRUE(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(1, 10)); }).ok());
  DeviceRecord device = DeviceOf(2, 20);
  device.device.app.target_sid = SidOf<AppSid>(10);
  EXPECT_EQ(Write([&](StoreTransaction& t) { return t.InsertDevice(device); }).error().code,
            Code::kInvalidArgument)
      << "the schema itself keeps a device from another account's app";
  device.device.account_sid = SidOf<AccountSid>(1);
  ASSERT_TRUE(Write([&](StoreTransaction& t) { return t.InsertDevice(device); }).ok());
  EXPECT_EQ(Write([](StoreTransaction& t) {
              return t.DeleteApp(SidOf<AccountSid>(1), SidOf<AppSid>(10));
            })
                .error()
                .code,
            Code::kInvalidArgument)
      << "an app in use can't go, even if a rule forgot to ask";
}

TEST_F(SqliteStore, Device_EveryField_ComesBack) {
  ASSERT_TRUE(Write([](StoreTransaction& t) -> Status {
                STRATA_TRY(InsertApp(t, AppOf(1, 10)));
                STRATA_TRY(InsertApp(t, AppOf(1, 11)));
                STRATA_TRY(InsertApp(t, AppOf(1, 12)));
                return t.InsertDevice(DeviceOf(1, 20));
              }).ok());
  DeviceRecord wanted = DeviceOf(1, 20);
  wanted.device.unique_name = "kitchen";
  wanted.device.app = {.target_sid = SidOf<AppSid>(10),
                       .target_hash = DigestOf(10),
                       .date_targeted = 5,
                       .update_status = UpdateStatus::kError,
                       .update_error_code = 502,
                       .update_error_op = 9,
                       .update_error_detail = 0xFFFFFFFF,
                       .reported_sid = SidOf<AppSid>(11),
                       .date_reported = 6,
                       .deployment_id = std::array<std::uint8_t, 16>{1, 2, 3},
                       .update_state = 13,
                       .bytes_staged = 0xFFFFFFFE,
                       .bytes_total = 0xFFFFFFFF};
  wanted.device.logging_enabled = true;
  wanted.device.logging_expires = 7;
  wanted.device.restart_counter = 8;
  wanted.device.keys_sequence = 0xFFFFFFFD;
  wanted.device.keys_error_code = 441;
  wanted.device.date_updated = 200;
  wanted.receipt_counter = ~std::uint64_t{0};
  wanted.updating_sid = SidOf<AppSid>(12);
  ASSERT_TRUE(Write([&](StoreTransaction& t) -> Status {
                STRATA_TRY(t.UpdateDevice(wanted));
                return t.TouchDevice(SidOf<AccountSid>(1), SidOf<DeviceSid>(20), 300);
              }).ok());
  const auto found = Get<std::optional<DeviceRecord>>(
      [](StoreView& view) { return view.FindDeviceNamed(SidOf<AccountSid>(1), "kitchen"); });
  ASSERT_TRUE(found.has_value());
  const Device& device = found->device;
  EXPECT_EQ(device.sid, wanted.device.sid);
  EXPECT_EQ(device.app.target_sid, wanted.device.app.target_sid);
  EXPECT_EQ(device.app.target_hash, wanted.device.app.target_hash);
  EXPECT_EQ(device.app.date_targeted, 5);
  EXPECT_EQ(device.app.update_status, UpdateStatus::kError);
  EXPECT_EQ(device.app.update_error_code, 502U);
  EXPECT_EQ(device.app.update_error_op, 9U);
  EXPECT_EQ(device.app.update_error_detail, 0xFFFFFFFFU);
  EXPECT_EQ(device.app.reported_sid, wanted.device.app.reported_sid);
  EXPECT_EQ(device.app.date_reported, 6);
  EXPECT_EQ(device.app.deployment_id, wanted.device.app.deployment_id);
  EXPECT_EQ(device.app.update_state, 13U);
  EXPECT_EQ(device.app.bytes_staged, 0xFFFFFFFEU);
  EXPECT_EQ(device.app.bytes_total, 0xFFFFFFFFU);
  EXPECT_TRUE(device.logging_enabled);
  EXPECT_EQ(device.logging_expires, 7);
  EXPECT_EQ(device.restart_counter, 8U);
  EXPECT_EQ(device.keys_sequence, 0xFFFFFFFDU);
  EXPECT_EQ(device.keys_error_code, 441U);
  EXPECT_EQ(device.date_created, 100);
  EXPECT_EQ(device.date_updated, 200);
  EXPECT_EQ(device.date_last_seen, 300);
  EXPECT_EQ(found->receipt_counter, ~std::uint64_t{0});
  EXPECT_EQ(found->updating_sid, wanted.updating_sid);
  EXPECT_EQ(found->public_key, wanted.public_key);
  EXPECT_EQ(found->fingerprint, wanted.fingerprint);
}

TEST_F(SqliteStore, KeysAndKeyMessages_EveryField_ComesBack) {
  SigningKey key{.key_id = static_cast<KeyId>(7),
                 .account_sid = SidOf<AccountSid>(1),
                 .friendly_name = "offline",
                 .date_created = 5,
                 .type = KeyType::kRotation};
  key.public_key.fill(4);
  KeyMessage message{.account_sid = SidOf<AccountSid>(1),
                     .sequence = 0xFFFFFFFF,
                     .body_hash = DigestOf(3),
                     .signer = static_cast<KeyId>(7),
                     .bytes = kManifest,
                     .date_created = 6};
  ASSERT_TRUE(Write([&](StoreTransaction& t) -> Status {
                STRATA_TRY(t.InsertKey(key));
                return t.InsertKeyMessage(message);
              }).ok());
  EXPECT_EQ(Write([&](StoreTransaction& t) { return t.InsertKeyMessage(message); }).error().code,
            Code::kAlreadyExists);
  const auto find = [&] {
    return *Get<std::optional<SigningKey>>(
        [&](StoreView& view) { return view.FindKey(key.account_sid, key.key_id); });
  };
  EXPECT_EQ(find().type, KeyType::kRotation);
  EXPECT_EQ(find().public_key, key.public_key);
  EXPECT_FALSE(find().revoked);
  key.revoked = true;
  key.added_by = 0xFFFFFFFE;
  ASSERT_TRUE(Write([&](StoreTransaction& t) { return t.UpdateKey(key); }).ok());
  EXPECT_TRUE(find().revoked);
  EXPECT_EQ(find().added_by, 0xFFFFFFFEU);
  EXPECT_TRUE(Get<std::vector<SigningKey>>([](StoreView& view) {
                return view.ActiveSigners(SidOf<AccountSid>(1));
              }).empty())
      << "a rotation key signs no manifest";

  const auto found = Get<std::optional<KeyMessage>>(
      [](StoreView& view) { return view.FindKeyMessage(SidOf<AccountSid>(1), 0xFFFFFFFF); });
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->account_sid, message.account_sid);
  EXPECT_EQ(found->sequence, message.sequence);
  EXPECT_EQ(found->body_hash, message.body_hash);
  EXPECT_EQ(found->signer, message.signer);
  EXPECT_EQ(found->bytes, message.bytes);
  EXPECT_EQ(found->date_created, message.date_created);
  const auto newest = [&](std::uint8_t account) {
    return Get<std::uint32_t>(
        [&](StoreView& view) { return view.NewestKeySequence(SidOf<AccountSid>(account)); });
  };
  EXPECT_EQ(newest(1), 0xFFFFFFFFU);
  EXPECT_EQ(newest(2), 0U);
}

TEST_F(SqliteStore, CountDevicesAt_TellsCurrentAndRefusedApart) {
  ASSERT_TRUE(Write([](StoreTransaction& t) -> Status {
                for (std::uint8_t i = 0; i < 6; ++i) {
                  DeviceRecord record = DeviceOf(i == 5 ? 2 : 1, static_cast<std::uint8_t>(20 + i));
                  record.device.keys_sequence = i / 2U;          // 0 0 1 1 2, and another account's
                  record.device.keys_error_code = i % 2 * 441U;  // every other one
                  STRATA_TRY(t.InsertDevice(record));
                }
                return {};
              }).ok());
  const auto count = [&](std::uint32_t sequence) {
    return Get<KeyChangeDevices>(
        [&](StoreView& view) { return view.CountDevicesAt(SidOf<AccountSid>(1), sequence); });
  };
  EXPECT_EQ(count(1).total, 5U);
  EXPECT_EQ(count(1).current, 3U);
  EXPECT_EQ(count(1).refused, 1U);
  EXPECT_EQ(count(2).current, 1U);
  EXPECT_EQ(count(2).refused, 1U);
  EXPECT_EQ(count(3).current, 0U);
  EXPECT_EQ(count(3).refused, 0U) << "it stands there without a complaint";
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

TEST_F(SqliteStore, Text_WithQuotesAndNul_IsData) {
  App app = AppOf(1, 10);
  app.unique_name = "'; DROP TABLE apps; --";
  app.app_version = std::string("a\0b", 3);
  ASSERT_TRUE(Write([&](StoreTransaction& t) { return InsertApp(t, app); }).ok());
  const auto found = Get<std::optional<App>>(
      [&](StoreView& view) { return view.FindAppNamed(SidOf<AccountSid>(1), *app.unique_name); });
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->app_version, app.app_version);
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
