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

/// For a program that alone writes the database: nobody else reads it while its pages change their
/// form. Whether all have sums now. Without room for that it serves without, the next start tries
/// again.
bool GivePageSums(const SqliteOptions& options) {
  const auto connection = SqliteConnection::Open(options.path, options.busy_timeout_ms);
  if (!connection.ok()) {
    return false;
  }
  return (*connection)->LookForPageSums() == SummedPages::kAll ||
         ((*connection)->AddPageSums().ok() &&
          (*connection)->LookForPageSums() == SummedPages::kAll);
}

ApiResult<std::unique_ptr<Db>> Upgraded(const SqliteOptions& options, std::unique_ptr<Db> db) {
  if (const ApiOutcome kept = KeepOldSchema(options.path); !kept.ok()) {
    return kept.error();
  }
  const Status migrated = db->Transact(
      Access::kWrite, [](DbConnection& connection) { return Migrate(connection, Migrations()); });
  if (!migrated.ok()) {
    return MigrationFailed(options.path, migrated.error());
  }
  db.reset();
  return OpenSqliteDb(options, GivePageSums(options));
}

ApiOutcome RefuseOtherSchema(const SqliteOptions& options, Db& db) {
  std::size_t version = 0;
  const Status found = db.Transact(Access::kRead, [&](DbConnection& connection) -> Status {
    STRATA_TRY_ASSIGN(version, SchemaVersion(connection));
    return {};
  });
  if (!found.ok() || version > Migrations().size()) {
    return MigrationFailed(
        options.path,
        found.ok() ? Fail(Code::kUnsupported, Op::kNone, static_cast<std::uint32_t>(version))
                   : found.error());
  }
  if (version < Migrations().size()) {
    return ApiError{503,
                    20503,
                    "the database " + options.path + " is of an older Strata (schema " +
                        std::to_string(version) +
                        ") and a server runs that may be as old; restart it with this version, "
                        "which brings the database up to date"};
  }
  return Empty{};
}

}  // namespace

ApiResult<std::unique_ptr<Store>> OpenSqliteStore(const SqliteOptions& options) {
  auto db = OpenSqliteDb(options);
  if (!db.ok()) {
    return db.error();
  }
  if (options.upgrade) {
    db = Upgraded(options, std::move(db).value());
    if (!db.ok()) {
      return db.error();
    }
  } else if (const ApiOutcome same = RefuseOtherSchema(options, **db); !same.ok()) {
    return same.error();
  }
  return std::unique_ptr<Store>(std::make_unique<SqlStore>(std::move(db).value()));
}

}  // namespace strata::cloud
