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

ApiOutcome CheckVersion(SqliteConnection& connection, const std::string& path) {
  const auto version = SchemaVersion(connection);
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

/// Durable under its name, or false.
bool Place(const std::string& part, const std::string& name) {
  const std::string parent = std::filesystem::path(name).parent_path().string();
  return chmod(part.c_str(), S_IRUSR | S_IWUSR) == 0 && SyncPath(part) &&
         rename(part.c_str(), name.c_str()) == 0 && SyncPath(parent);
}

/// Copies of an old schema that never got their name, of whatever process: each as large as the
/// database.
void RemoveParts(const std::filesystem::path& database) {
  const std::string kept = database.filename().string() + ".schema-";
  std::error_code error;
  for (std::filesystem::directory_iterator entry(database.parent_path(), error), end;
       !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(kept) && name.find('.', kept.size()) != std::string::npos) {
      unlink(entry->path().c_str());
    }
  }
}

}  // namespace

ApiOutcome CopySqlite(const std::string& path, const std::string& copy, bool sums_required) {
  auto connection = SqliteConnection::Open(path, kBusyMs);
  if (!connection.ok()) {
    return Unusable(path, connection.error());
  }
  if (sums_required) {
    (*connection)->RequirePageSums();
  }
  const auto copied = (*connection)->Query("VACUUM INTO $1", {Value(copy)});
  return copied.ok() ? ApiOutcome(Empty{}) : Unusable(path, copied.error());
}

ApiOutcome KeepOldSchema(const std::string& path) {
  RemoveParts(path);
  auto connection = SqliteConnection::Open(path, kBusyMs);
  if (!connection.ok()) {
    return Unusable(path, connection.error());
  }
  const auto version = SchemaVersion(**connection);
  if (!version.ok() || *version == 0 || *version >= Migrations().size()) {
    return Empty{};  // new, or not older: what is wrong with it is found elsewhere
  }
  const std::string name = path + ".schema-" + std::to_string(*version);
  const std::string part = name + ".part";
  const bool kept = CopySqlite(path, part).ok() && Place(part, name);
  RemoveParts(path);
  return kept ? ApiOutcome(Empty{})
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
