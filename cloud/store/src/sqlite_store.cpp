// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/store/sqlite_store.hpp"

#include <utility>

#include "strata/cloud/store/sqlite_backup.hpp"

#include "migrations.hpp"
#include "sql_store.hpp"
#include "sqlite_connection.hpp"
#include "sqlite_db.hpp"

namespace strata::cloud {
namespace {

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

/// Whether the database was made before there were sums, or by a SQLite that knows of none.
bool LacksPageSums(const SqliteOptions& options) {
  const auto connection = SqliteConnection::Open(options.path, options.busy_timeout_ms);
  return connection.ok() && !(*connection)->HasPageSums();
}

void AddPageSums(const SqliteOptions& options) {
  const auto connection = SqliteConnection::Open(options.path, options.busy_timeout_ms);
  if (connection.ok()) {
    (*connection)->AddPageSums().IgnoreError();  // it serves without, the next start tries again
  }
}

}  // namespace

ApiResult<std::unique_ptr<Store>> OpenSqliteStore(const SqliteOptions& options) {
  auto db = OpenSqliteDb(options);
  if (!db.ok()) {
    return db.error();
  }
  if (const ApiOutcome kept = KeepOldSchema(options.path); !kept.ok()) {
    return kept.error();
  }
  const Status migrated = (*db)->Transact(
      Access::kWrite, [](DbConnection& connection) { return Migrate(connection, Migrations()); });
  if (!migrated.ok()) {
    return MigrationFailed(options.path, migrated.error());
  }
  if (LacksPageSums(options)) {
    db->reset();  // nobody else reads it while its pages change their form
    AddPageSums(options);
    db = OpenSqliteDb(options);
    if (!db.ok()) {
      return db.error();
    }
  }
  return std::unique_ptr<Store>(std::make_unique<SqlStore>(std::move(db).value()));
}

}  // namespace strata::cloud
