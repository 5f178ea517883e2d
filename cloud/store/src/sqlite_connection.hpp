// SPDX-License-Identifier: Apache-2.0
/// One SQLite connection with its prepared statements. Single caller at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "db.hpp"
#include "page_sums.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace strata::cloud {

class SqliteConnection final : public DbConnection {
 public:
  /// The file must exist; an empty one becomes a database whose pages have sums (page_sums.hpp).
  /// * as Db.
  static Result<std::unique_ptr<SqliteConnection>> Open(const std::string& path,
                                                        int busy_timeout_ms);
  ~SqliteConnection() override;

  Result<Rows> Query(std::string_view sql, const Values& params) override;

  /// What is wrong with the pages, rows and indexes of a table, in SQLite's words; empty: nothing,
  /// or `go_on` said false.
  Result<std::string> FindDamage(const std::string& table, const std::function<bool()>& go_on);

  [[nodiscard]] SummedPages LookForPageSums() const;

  /// Gives them to all pages of the database; rewrites it whole. * as Db: nothing changed.
  Status AddPageSums();

  /// See page_sums.hpp.
  void RequirePageSums();

  /// `begin` is BEGIN or BEGIN IMMEDIATE. Rolled back on every way out but a commit, also when
  /// `body` throws: the connection is used again.
  Status Transact(std::string_view begin, const Db::Body& body);

 private:
  SqliteConnection() = default;

  void RollBack() noexcept;
  Result<sqlite3_stmt*> Prepare(std::string_view sql);
  [[nodiscard]] Error LastError() const;

  sqlite3* handle_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

}  // namespace strata::cloud
