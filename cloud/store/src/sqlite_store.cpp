// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/store/sqlite_store.hpp"

#include <utility>

#include "migrations.hpp"
#include "sql_transaction.hpp"
#include "sqlite_db.hpp"

namespace strata::cloud {
namespace {

class SqlStore final : public Store {
 public:
  explicit SqlStore(std::unique_ptr<Db> db) : db_(std::move(db)) {}

  Status Read(const ReadBody& body) override { return Run(Access::kRead, body); }

  Status Write(const WriteBody& body) override { return Run(Access::kWrite, body); }

  Status Probe() override {
    return db_->Transact(Access::kRead, [](DbConnection& connection) -> Status {
      STRATA_TRY(connection.Query("SELECT count(*) FROM schema_version", {}));
      return {};
    });
  }

 private:
  template <typename Body>
  Status Run(Access access, const Body& body) {
    return db_->Transact(access, [&body](DbConnection& connection) {
      SqlTransaction transaction(connection);
      return body(transaction);
    });
  }

  std::unique_ptr<Db> db_;
};

ApiError MigrationFailed(const std::string& path, Error error) {
  const std::string number = std::to_string(error.detail);
  if (error.code == Code::kUnsupported) {
    return {503,
            20503,
            "the database " + path + " was written by a newer Strata (schema " + number +
                "); update this program"};
  }
  return {503,
          20503,
          "can't bring the database " + path + " up to date (SQLite code " + number +
              "); nothing was changed"};
}

}  // namespace

ApiResult<std::unique_ptr<Store>> OpenSqliteStore(const SqliteOptions& options) {
  auto db = OpenSqliteDb(options);
  if (!db.ok()) {
    return db.error();
  }
  const Status migrated = (*db)->Transact(
      Access::kWrite, [](DbConnection& connection) { return Migrate(connection, Migrations()); });
  if (!migrated.ok()) {
    return MigrationFailed(options.path, migrated.error());
  }
  return std::unique_ptr<Store>(std::make_unique<SqlStore>(std::move(db).value()));
}

}  // namespace strata::cloud
