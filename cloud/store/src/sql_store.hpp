// SPDX-License-Identifier: Apache-2.0
/// Store over any Db; what it keeps stands in store.hpp. The schema must be there: Migrate().
#pragma once

#include <memory>
#include <utility>

#include "strata/cloud/domain/store.hpp"

#include "db.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {

class SqlStore final : public Store {
 public:
  explicit SqlStore(std::unique_ptr<Db> db) : db_(std::move(db)) {}

  Status Read(const ReadBody& body) override { return Run(Access::kRead, body); }

  Status Write(const WriteBody& body) override { return Run(Access::kWrite, body); }

  Status Probe() override {
    const Status read = db_->Transact(Access::kRead, [](DbConnection& connection) -> Status {
      STRATA_TRY(connection.Query("SELECT count(*) FROM schema_version", {}));
      return {};
    });
    if (!read.ok()) {
      return read;
    }
    return db_->Transact(Access::kWrite, [](DbConnection& connection) -> Status {
      STRATA_TRY(connection.Query(MarkStatement(), {Value(std::string("probe"))}));
      return {};
    });
  }

  Status CheckPart(const std::function<bool()>& go_on) override { return db_->CheckPart(go_on); }

 private:
  template <typename Body>
  Status Run(Access access, const Body& body) {
    return db_->Transact(access, [&body](DbConnection& connection) {
      SqlTransaction transaction(connection);
      return body(transaction);
    });
  }

  std::unique_ptr<Db> db_;
};

}  // namespace strata::cloud
