// SPDX-License-Identifier: Apache-2.0
#include "sqlite_db.hpp"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite_connection.hpp"

namespace strata::cloud {
namespace {

using ConnectionPtr = std::unique_ptr<SqliteConnection>;

ApiError Unusable(const std::string& path, const std::string& why) {
  return {503, 20503, "can't use the database " + path + ": " + why};
}

std::string WordsOf(Error error) {
  return sqlite3_errstr(static_cast<int>(error.detail));
}

class SqliteDb final : public Db {
 public:
  SqliteDb(ConnectionPtr writer, std::vector<ConnectionPtr> readers)
      : writer_(std::move(writer)), free_readers_(std::move(readers)) {}

  Status Transact(Access access, const Body& body) override {
    if (access == Access::kWrite) {
      const std::lock_guard lock(writer_mutex_);
      return writer_->Transact("BEGIN IMMEDIATE", body);
    }
    const Lease lease(*this);
    return lease.connection->Transact("BEGIN", body);
  }

 private:
  /// A reader taken out of the pool for the length of one transaction.
  struct Lease {
    explicit Lease(SqliteDb& db) : owner(db) {
      std::unique_lock lock(owner.readers_mutex_);
      owner.reader_free_.wait(lock, [this] { return !owner.free_readers_.empty(); });
      connection = std::move(owner.free_readers_.back());
      owner.free_readers_.pop_back();
    }

    ~Lease() {
      {
        const std::lock_guard lock(owner.readers_mutex_);
        owner.free_readers_.push_back(std::move(connection));
      }
      owner.reader_free_.notify_one();
    }

    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    SqliteDb& owner;
    ConnectionPtr connection;
  };

  std::mutex writer_mutex_;
  ConnectionPtr writer_;
  std::mutex readers_mutex_;
  std::condition_variable reader_free_;
  std::vector<ConnectionPtr> free_readers_;
};

/// Made here and not by SQLite, so that it is never readable by others.
ApiOutcome EnsureFile(const std::string& path) {
  const int fd =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (fd >= 0) {
    ::close(fd);
    return Empty{};
  }
  if (errno == EEXIST && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) == 0) {
    return Empty{};
  }
  return Unusable(path, std::generic_category().message(errno));
}

ApiOutcome CheckIsOurs(SqliteConnection& connection, const std::string& path) {
  const auto mode = connection.Query("PRAGMA journal_mode", {});
  const auto tables = connection.Query(
      "SELECT count(*), coalesce(sum(name = 'schema_version'), 0) FROM sqlite_schema", {});
  if (!mode.ok() || !tables.ok()) {
    return Unusable(path, WordsOf(mode.ok() ? tables.error() : mode.error()));
  }
  if (mode->at(0).at(0) != Value("wal")) {
    return Unusable(path, "its file system does not allow WAL; use a local disk");
  }
  const Values& counts = tables->at(0);
  if (counts.at(0) != Value(std::int64_t{0}) && counts.at(1) == Value(std::int64_t{0})) {
    return Unusable(path, "it is not a database of Strata; name another data directory");
  }
  return Empty{};
}

}  // namespace

ApiResult<std::unique_ptr<Db>> OpenSqliteDb(const SqliteOptions& options) {
  if (ApiOutcome file = EnsureFile(options.path); !file.ok()) {
    return file.error();
  }
  auto writer = SqliteConnection::Open(options.path, options.busy_timeout_ms);
  if (!writer.ok()) {
    return Unusable(options.path, WordsOf(writer.error()));
  }
  if (ApiOutcome ours = CheckIsOurs(**writer, options.path); !ours.ok()) {
    return ours.error();
  }
  std::vector<ConnectionPtr> readers;
  for (unsigned i = 0; i < std::max(options.readers, 1U); ++i) {
    auto reader = SqliteConnection::Open(options.path, options.busy_timeout_ms);
    if (!reader.ok()) {
      return Unusable(options.path, WordsOf(reader.error()));
    }
    if (auto read_only = (*reader)->Query("PRAGMA query_only = ON", {}); !read_only.ok()) {
      return Unusable(options.path, WordsOf(read_only.error()));
    }
    readers.push_back(std::move(reader).value());
  }
  return std::unique_ptr<Db>(
      std::make_unique<SqliteDb>(std::move(writer).value(), std::move(readers)));
}

}  // namespace strata::cloud
