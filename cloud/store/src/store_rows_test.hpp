// SPDX-License-Identifier: Apache-2.0
/// What tests of the store share: made-up rows, a store of two accounts in a file of its own, and
/// query plans of what ran.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strata/cloud/store/sqlite_store.hpp"

#include "migrations.hpp"
#include "sql_transaction.hpp"
#include "sqlite_connection.hpp"

namespace strata::cloud {

/// Removed with everything in it at the end.
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

inline Digest DigestOf(std::uint8_t seed) {
  Digest digest;
  digest.bytes.fill(seed);
  return digest;
}

inline AccountRecord AccountOf(std::uint8_t seed) {
  return {.account = {.sid = SidOf<AccountSid>(seed), .friendly_name = "a", .date_created = 1},
          .token_hash = DigestOf(seed)};
}

inline App AppOf(std::uint8_t account, std::uint8_t seed) {
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

inline DeviceRecord DeviceOf(std::uint8_t account, std::uint8_t seed) {
  return {.device = {.sid = SidOf<DeviceSid>(seed),
                     .account_sid = SidOf<AccountSid>(account),
                     .hardware_type = "stm32u585",
                     .date_created = 100,
                     .date_updated = 100},
          .fingerprint = DigestOf(seed)};
}

inline const std::vector<std::uint8_t> kManifest = {1, 2, 3};

inline Status InsertApp(StoreTransaction& transaction, const App& app) {
  return transaction.InsertApp(app, kManifest, {{DigestOf(9), 5}});
}

/// A store with the accounts 1 and 2.
class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    EXPECT_TRUE(Write([](StoreTransaction& transaction) -> Status {
                  STRATA_TRY(transaction.InsertAccount(AccountOf(1)));
                  return transaction.InsertAccount(AccountOf(2));
                }).ok());
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

/// Notes the statements that it hands on.
class Recorder final : public DbConnection {
 public:
  explicit Recorder(DbConnection& real) : real_(real) {}

  Result<Rows> Query(std::string_view sql, const Values& params) override {
    statements.insert(std::string(sql));
    return real_.Query(sql, params);
  }

  std::set<std::string> statements;

 private:
  DbConnection& real_;
};

/// A store in memory whose statements are noted.
class PlanTest : public testing::Test {
 protected:
  PlanTest() { EXPECT_TRUE(Migrate(*connection_, Migrations()).ok()); }

  std::set<std::string> PlanOf(const std::string& sql) {
    const Rows rows = connection_->Query("EXPLAIN QUERY PLAN " + sql, {}).value();
    std::set<std::string> plan;
    for (const Values& row : rows) {
      plan.insert(std::get<std::string>(row.at(3)));
    }
    return plan;
  }

  std::unique_ptr<SqliteConnection> connection_ =
      std::move(SqliteConnection::Open(":memory:", 100)).value();
  Recorder recorder_{*connection_};
  SqlTransaction store_{recorder_};
};

}  // namespace strata::cloud
