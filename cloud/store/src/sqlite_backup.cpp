// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/store/sqlite_backup.hpp"

#include <memory>

#include <sqlite3.h>

#include "migrations.hpp"
#include "row_values.hpp"
#include "sqlite_connection.hpp"

namespace strata::cloud {
namespace {

constexpr int kBusyMs = 5000;

ApiError Unusable(const std::string& path, const std::string& why) {
  return {503, 20503, "can't use the database " + path + ": " + why};
}

ApiError Unusable(const std::string& path, Error error) {
  return Unusable(path, sqlite3_errstr(static_cast<int>(error.detail)));
}

ApiOutcome CheckPages(SqliteConnection& connection, const std::string& path) {
  const auto pages = connection.Query("PRAGMA integrity_check", {});
  const auto references = connection.Query("PRAGMA foreign_key_check", {});
  if (!pages.ok() || !references.ok()) {
    return Unusable(path, pages.ok() ? references.error() : pages.error());
  }
  const bool whole = pages->size() == 1 && pages->front().front() == Value(std::string("ok"));
  return whole && references->empty() ? ApiOutcome(Empty{}) : Unusable(path, "it is damaged");
}

ApiOutcome CheckVersion(SqliteConnection& connection, const std::string& path) {
  const auto rows = connection.Query("SELECT coalesce(max(version), 0) FROM schema_version", {});
  if (!rows.ok()) {
    return Unusable(path, "it is not a database of Strata");
  }
  const auto version = OneNumber(*rows);
  const bool known = version.ok() && *version > 0 && *version <= Migrations().size();
  return known ? ApiOutcome(Empty{}) : Unusable(path, "it was written by a newer Strata");
}

}  // namespace

ApiOutcome CopySqlite(const std::string& path, const std::string& copy) {
  auto connection = SqliteConnection::Open(path, kBusyMs);
  if (!connection.ok()) {
    return Unusable(path, connection.error());
  }
  const auto copied = (*connection)->Query("VACUUM INTO $1", {Value(copy)});
  return copied.ok() ? ApiOutcome(Empty{}) : Unusable(path, copied.error());
}

ApiResult<std::vector<Digest>> CheckSqlite(const std::string& path) {
  auto connection = SqliteConnection::Open(path, kBusyMs);
  if (!connection.ok()) {
    return Unusable(path, connection.error());
  }
  if (const ApiOutcome pages = CheckPages(**connection, path); !pages.ok()) {
    return pages.error();
  }
  if (const ApiOutcome version = CheckVersion(**connection, path); !version.ok()) {
    return version.error();
  }
  const auto rows =
      (*connection)->Query("SELECT DISTINCT digest FROM app_layers ORDER BY digest", {});
  if (!rows.ok()) {
    return Unusable(path, rows.error());
  }
  std::vector<Digest> digests;
  for (const Values& values : *rows) {
    RowReader row(values);
    digests.push_back(row.TakeDigest());
    if (!row.ok()) {
      return Unusable(path, "it is damaged");
    }
  }
  return digests;
}

}  // namespace strata::cloud
