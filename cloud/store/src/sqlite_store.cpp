// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/store/sqlite_store.hpp"

#include <utility>

#include "strata/cloud/store/sqlite_backup.hpp"

#include "migrations.hpp"
#include "sql_store.hpp"
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
  return std::unique_ptr<Store>(std::make_unique<SqlStore>(std::move(db).value()));
}

}  // namespace strata::cloud
