// SPDX-License-Identifier: Apache-2.0
/// Db: the seam under the store: SQL text in, rows out. Role: lets one set of statements run on
/// SQLite now and on PostgreSQL later. Knows no table. Statements use $1, $2 … and only what both
/// engines understand; the same text always means the same statement, so that engines can keep it
/// prepared. Errors: those of store.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "strata/core/result.hpp"

namespace strata::cloud {

/// NULL, INTEGER, TEXT or BLOB.
using Value = std::variant<std::monostate, std::int64_t, std::string, std::vector<std::uint8_t>>;
using Values = std::vector<Value>;
using Rows = std::vector<Values>;

class DbConnection {
 public:
  virtual ~DbConnection() = default;
  DbConnection() = default;
  DbConnection(const DbConnection&) = delete;
  DbConnection& operator=(const DbConnection&) = delete;

  /// Runs one statement with `params` for $1 … and returns all its rows.
  virtual Result<Rows> Query(std::string_view sql, const Values& params) = 0;
};

enum class Access : std::uint8_t { kRead, kWrite };

class Db {
 public:
  using Body = std::function<Status(DbConnection&)>;

  virtual ~Db() = default;
  Db() = default;
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;

  /// Runs `body` in one transaction: kRead over one snapshot, kWrite serializable and durable at
  /// OK. An error of the body or of the commit undoes everything and is returned. Thread-safe; not
  /// to be nested.
  virtual Status Transact(Access access, const Body& body) = 0;

  /// As Store::CheckPart(). An engine that looks after its pages itself has nothing to do.
  virtual Status CheckPart(const std::function<bool()>& /*go_on*/) { return {}; }
};

}  // namespace strata::cloud
