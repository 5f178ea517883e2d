// SPDX-License-Identifier: Apache-2.0
#include "sqlite_connection.hpp"

#include <array>
#include <filesystem>
#include <limits>
#include <new>
#include <system_error>

#include <sqlite3.h>

namespace strata::cloud {
namespace {

Error ErrorOf(int extended) {
  const auto detail = static_cast<std::uint32_t>(extended);
  switch (extended & 0xff) {
    case SQLITE_CONSTRAINT: {
      const bool taken = extended == SQLITE_CONSTRAINT_UNIQUE ||
                         extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
                         extended == SQLITE_CONSTRAINT_ROWID;
      return Fail(taken ? Code::kAlreadyExists : Code::kInvalidArgument, Op::kNone, detail);
    }
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Fail(Code::kTimeout, Op::kNone, detail);
    case SQLITE_FULL:
      return Fail(Code::kTooLarge, Op::kNone, detail);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Fail(Code::kMalformed, Op::kNone, detail);
    default:
      return Fail(Code::kIo, Op::kNone, detail);
  }
}

/// For the progress handler: not 0 ends the statement.
int Ends(void* go_on) {
  return (*static_cast<const std::function<bool()>*>(go_on))() ? 0 : 1;
}

struct Binder {
  sqlite3_stmt* statement;
  int index;

  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }

  int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, index, number); }

  // The values outlive the statement's run, so nothing is copied; nullptr would bind NULL instead
  // of "".
  int operator()(const std::string& text) const {
    return sqlite3_bind_text64(
        statement, index, text.c_str(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }

  int operator()(const std::vector<std::uint8_t>& bytes) const {
    return bytes.empty()
               ? sqlite3_bind_zeroblob(statement, index, 0)
               : sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC);
  }
};

int Bind(sqlite3_stmt* statement, const Values& params) {
  for (std::size_t i = 0; i < params.size(); ++i) {
    const std::string name = "$" + std::to_string(i + 1);
    const int index = sqlite3_bind_parameter_index(statement, name.c_str());
    if (index == 0) {
      return SQLITE_RANGE;
    }
    if (const int bound = std::visit(Binder{statement, index}, params[i]); bound != SQLITE_OK) {
      return bound;
    }
  }
  return SQLITE_OK;
}

Value ColumnOf(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return Value(static_cast<std::int64_t>(sqlite3_column_int64(statement, column)));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      if (text == nullptr) {
        throw std::bad_alloc();  // its only reason
      }
      return Value(std::string(text, length));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column));
      const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      return Value(bytes == nullptr ? std::vector<std::uint8_t>()
                                    : std::vector<std::uint8_t>(bytes, bytes + length));
    }
    default:
      return Value();
  }
}

/// Leaves the statement ready for its next use, whatever happened.
class RunningStatement {
 public:
  explicit RunningStatement(sqlite3_stmt* statement) : statement_(statement) {}

  ~RunningStatement() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

  RunningStatement(const RunningStatement&) = delete;
  RunningStatement& operator=(const RunningStatement&) = delete;

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path,
                                                                 int busy_timeout_ms) {
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection);
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  const int opened = sqlite3_open_v2(path.c_str(), &connection->handle_, flags, PageSumsVfs());
  if (opened != SQLITE_OK) {
    return ErrorOf(opened);
  }
  sqlite3_busy_timeout(connection->handle_, busy_timeout_ms);
  sqlite3_db_config(connection->handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection->handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  std::error_code error;
  if (std::filesystem::file_size(path, error) == 0 && !error) {
    WantPageSums(connection->handle_);
  }
  constexpr std::array<std::string_view, 3> kSettings = {
      "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON"};
  for (const std::string_view setting : kSettings) {
    STRATA_TRY(connection->Query(setting, {}));
  }
  return connection;
}

SqliteConnection::~SqliteConnection() {
  for (const auto& [sql, statement] : statements_) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(handle_);
}

Error SqliteConnection::LastError() const {
  return ErrorOf(sqlite3_extended_errcode(handle_));
}

Result<sqlite3_stmt*> SqliteConnection::Prepare(std::string_view sql) {
  std::string text(sql);
  if (const auto found = statements_.find(text); found != statements_.end()) {
    return found->second;
  }
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return Fail(Code::kInvalidArgument);
  }
  sqlite3_stmt* statement = nullptr;
  const int prepared = sqlite3_prepare_v3(handle_,
                                          text.c_str(),
                                          static_cast<int>(text.size()),
                                          SQLITE_PREPARE_PERSISTENT,
                                          &statement,
                                          nullptr);
  if (prepared != SQLITE_OK) {
    return LastError();
  }
  statements_.emplace(std::move(text), statement);
  return statement;
}

Result<Rows> SqliteConnection::Query(std::string_view sql, const Values& params) {
  STRATA_TRY_ASSIGN(sqlite3_stmt * statement, Prepare(sql));
  const RunningStatement running(statement);
  if (const int bound = Bind(statement, params); bound != SQLITE_OK) {
    return ErrorOf(bound);
  }
  Rows rows;
  int step = sqlite3_step(statement);
  for (; step == SQLITE_ROW; step = sqlite3_step(statement)) {
    const int columns = sqlite3_column_count(statement);
    Values& row = rows.emplace_back();
    row.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      row.push_back(ColumnOf(statement, column));
    }
  }
  if (step != SQLITE_DONE) {
    return LastError();
  }
  return rows;
}

Result<std::string> SqliteConnection::FindDamage(const std::string& table,
                                                 const std::function<bool()>& go_on) {
  constexpr int kSteps = 10'000;
  sqlite3_progress_handler(handle_, kSteps, Ends, const_cast<std::function<bool()>*>(&go_on));
  // The name is the schema's own and bound as text: pragmas take no parameters, their table does.
  const Result<Rows> found =
      Query("SELECT integrity_check FROM pragma_integrity_check($1) LIMIT 1", {Value(table)});
  sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
  if (!found.ok()) {
    const bool ended = (found.error().detail & 0xffU) == SQLITE_INTERRUPT;
    return ended ? Result<std::string>(std::string()) : Result<std::string>(found.error());
  }
  const auto* words = found->empty() ? nullptr : std::get_if<std::string>(&found->at(0).at(0));
  return words == nullptr || *words == "ok" ? std::string() : *words;
}

SummedPages SqliteConnection::LookForPageSums() const {
  return cloud::LookForPageSums(handle_);
}

Status SqliteConnection::AddPageSums() {
  WantPageSums(handle_);
  STRATA_TRY(Query("VACUUM", {}));
  // Home from the write-ahead log, so that the file itself has them.
  STRATA_TRY(Query("PRAGMA wal_checkpoint(TRUNCATE)", {}));
  return {};
}

void SqliteConnection::RequirePageSums() {
  cloud::RequirePageSums(handle_);
}

void SqliteConnection::RollBack() noexcept {
  // Some errors (disk full, for one) have ended the transaction already.
  if (sqlite3_get_autocommit(handle_) == 0) {
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

Status SqliteConnection::Transact(std::string_view begin, const Db::Body& body) {
  struct AtEnd {
    SqliteConnection& connection;

    ~AtEnd() { connection.RollBack(); }  // does nothing behind a commit
  };

  RollBack();  // one that even this could not end when it failed
  STRATA_TRY(Query(begin, {}));
  const AtEnd at_end{*this};
  STRATA_TRY(body(*this));
  STRATA_TRY(Query("COMMIT", {}));
  return {};
}

}  // namespace strata::cloud
