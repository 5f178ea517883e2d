// SPDX-License-Identifier: Apache-2.0
/// FaultyDb: a Db of which one statement can be told to fail.
#pragma once

#include <memory>
#include <utility>

#include "db.hpp"

namespace strata::cloud {

/// The real database, of which one statement fails.
class FaultyDb final : public Db {
 public:
  FaultyDb(std::unique_ptr<Db> real, int& until_failure)
      : real_(std::move(real)), until_failure_(until_failure) {}

  Status Transact(Access access, const Body& body) override {
    return real_->Transact(access, [&](DbConnection& connection) {
      Connection faulty(connection, until_failure_);
      return body(faulty);
    });
  }

 private:
  class Connection final : public DbConnection {
   public:
    Connection(DbConnection& real, int& until_failure)
        : real_(real), until_failure_(until_failure) {}

    Result<Rows> Query(std::string_view sql, const Values& params) override {
      return --until_failure_ == 0 ? Result<Rows>(Fail(Code::kIo)) : real_.Query(sql, params);
    }

   private:
    DbConnection& real_;
    int& until_failure_;
  };

  std::unique_ptr<Db> real_;
  int& until_failure_;
};

}  // namespace strata::cloud
