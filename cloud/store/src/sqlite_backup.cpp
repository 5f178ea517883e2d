// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/store/sqlite_backup.hpp"

#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

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

/// 0: it has no table yet.
Result<std::uint64_t> VersionOf(SqliteConnection& connection) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection.Query("SELECT coalesce(max(version), 0) FROM schema_version", {}));
  return OneNumber(rows);
}

ApiOutcome CheckVersion(SqliteConnection& connection, const std::string& path) {
  const auto version = VersionOf(connection);
  if (!version.ok()) {
    return Unusable(path, "it is not a database of Strata");
  }
  const bool known = *version > 0 && *version <= Migrations().size();
  return known ? ApiOutcome(Empty{}) : Unusable(path, "it was written by a newer Strata");
}

bool SyncPath(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0) {
    close(fd);
  }
  return synced;
}

/// Durable under its name, or not there.
bool Place(const std::string& part, const std::string& name) {
  const std::string parent = std::filesystem::path(name).parent_path().string();
  const bool placed = chmod(part.c_str(), S_IRUSR | S_IWUSR) == 0 && SyncPath(part) &&
                      rename(part.c_str(), name.c_str()) == 0 && SyncPath(parent);
  if (!placed) {
    unlink(part.c_str());
  }
  return placed;
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

ApiOutcome KeepOldSchema(const std::string& path) {
  auto connection = SqliteConnection::Open(path, kBusyMs);
  if (!connection.ok()) {
    return Unusable(path, connection.error());
  }
  const auto version = VersionOf(**connection);
  if (!version.ok() || *version == 0 || *version >= Migrations().size()) {
    return Empty{};  // new, or not older: what is wrong with it is found elsewhere
  }
  const std::string name = path + ".schema-" + std::to_string(*version);
  const std::string part = name + "." + std::to_string(getpid());
  unlink(part.c_str());
  const ApiOutcome copied = CopySqlite(path, part);
  return copied.ok() && Place(part, name)
             ? ApiOutcome(Empty{})
             : Unusable(path, "its copy " + name + ", the way back, can't be made");
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
