// SPDX-License-Identifier: Apache-2.0
#include "sqlite_db.hpp"

#include <algorithm>
#include <atomic>
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

/// While it is there, nobody uses the database.
std::string DamageMark(const std::string& path) {
  return path + ".damaged";
}

Result<ConnectionPtr> Connect(const SqliteOptions& options, bool sums_required) {
  STRATA_TRY_ASSIGN(ConnectionPtr connection,
                    SqliteConnection::Open(options.path, options.busy_timeout_ms));
  if (sums_required) {
    connection->RequirePageSums();
  }
  return connection;
}

class SqliteDb final : public Db {
 public:
  SqliteDb(SqliteOptions options,
           bool sums_required,
           ConnectionPtr writer,
           std::vector<ConnectionPtr> readers)
      : options_(std::move(options)),
        sums_required_(sums_required),
        writer_(std::move(writer)),
        free_readers_(std::move(readers)) {}

  Status Transact(Access access, const Body& body) override {
    if (damaged_) {
      return Fail(Code::kMalformed);
    }
    Status result = Run(access, body);
    // Only what SQLite itself says counts: a body may fail in its own words.
    if (!result.ok() && result.error().code == Code::kMalformed && result.error().detail != 0) {
      MarkDamaged(WordsOf(result.error()));
    }
    return result;
  }

  Status CheckPart(const std::function<bool()>& go_on) override {
    if (damaged_) {
      return Fail(Code::kMalformed);
    }
    // A connection of its own, made anew: it has no page that it read before.
    STRATA_TRY_ASSIGN(const ConnectionPtr checker, Connect(options_, sums_required_));
    const Status checked = CheckNextTable(*checker, go_on);
    if (!checked.ok() && checked.error().code == Code::kMalformed && !damaged_) {
      MarkDamaged(WordsOf(checked.error()));
    }
    return checked;
  }

 private:
  Status Run(Access access, const Body& body) {
    if (access == Access::kWrite) {
      const std::lock_guard lock(writer_mutex_);
      return writer_->Transact("BEGIN IMMEDIATE", body);
    }
    const Lease lease(*this);
    return lease.connection->Transact("BEGIN", body);
  }

  Status CheckNextTable(SqliteConnection& checker, const std::function<bool()>& go_on) {
    STRATA_TRY(checker.Query("PRAGMA query_only = ON", {}));
    STRATA_TRY_ASSIGN(
        const Rows tables,
        checker.Query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", {}));
    const std::lock_guard lock(check_mutex_);
    if (next_table_ >= tables.size()) {
      next_table_ = 0;
    }
    const auto* name =
        tables.empty() ? nullptr : std::get_if<std::string>(&tables[next_table_].at(0));
    if (name == nullptr) {
      return Fail(Code::kMalformed, Op::kNone, SQLITE_CORRUPT);
    }
    STRATA_TRY_ASSIGN(const std::string damage, checker.FindDamage(*name, go_on));
    ++next_table_;
    if (!damage.empty()) {
      MarkDamaged(*name + ": " + damage);
      return Fail(Code::kMalformed, Op::kNone, SQLITE_CORRUPT);
    }
    return {};
  }

  /// For this process, and by a file for the next one.
  void MarkDamaged(const std::string& words) {
    damaged_ = true;
    const int fd = ::open(DamageMark(options_.path).c_str(),
                          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                          S_IRUSR | S_IWUSR);
    if (fd >= 0) {
      const std::string line = words + "\n";
      // A disk that takes no write has told this process at least.
      [[maybe_unused]] const ssize_t written = ::write(fd, line.data(), line.size());
      ::fsync(fd);
      ::close(fd);
    }
  }

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

  const SqliteOptions options_;
  const bool sums_required_;
  std::atomic<bool> damaged_{false};
  std::mutex check_mutex_;
  std::size_t next_table_ = 0;
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

ApiResult<std::unique_ptr<Db>> OpenSqliteDb(const SqliteOptions& options, bool sums_required) {
  if (::access(DamageMark(options.path).c_str(), F_OK) == 0) {
    return Unusable(options.path,
                    "it was found damaged, see " + DamageMark(options.path) +
                        "; restore a backup with strata-cloud restore");
  }
  if (ApiOutcome file = EnsureFile(options.path); !file.ok()) {
    return file.error();
  }
  auto writer = Connect(options, sums_required);
  if (!writer.ok()) {
    return Unusable(options.path, WordsOf(writer.error()));
  }
  if (ApiOutcome ours = CheckIsOurs(**writer, options.path); !ours.ok()) {
    return ours.error();
  }
  std::vector<ConnectionPtr> readers;
  for (unsigned i = 0; i < std::max(options.readers, 1U); ++i) {
    auto reader = Connect(options, sums_required);
    if (!reader.ok()) {
      return Unusable(options.path, WordsOf(reader.error()));
    }
    if (auto read_only = (*reader)->Query("PRAGMA query_only = ON", {}); !read_only.ok()) {
      return Unusable(options.path, WordsOf(read_only.error()));
    }
    readers.push_back(std::move(reader).value());
  }
  return std::unique_ptr<Db>(std::make_unique<SqliteDb>(
      options, sums_required, std::move(writer).value(), std::move(readers)));
}

}  // namespace strata::cloud
