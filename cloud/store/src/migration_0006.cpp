// SPDX-License-Identifier: Apache-2.0
// The audit log and its checkpoints. Neither refers to what it tells of: that may be gone.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 6> kStatements = {
    R"(CREATE TABLE audit_log (
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  sequence INTEGER NOT NULL,
  date_created INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  resource TEXT NOT NULL,
  entry TEXT NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (account_sid, sequence)
) STRICT)",
    "CREATE INDEX audit_log_actor ON audit_log (account_sid, actor, sequence)",
    "CREATE INDEX audit_log_action ON audit_log (account_sid, action, sequence)",
    "CREATE INDEX audit_log_resource ON audit_log (account_sid, resource, sequence)",
    "CREATE INDEX audit_log_date ON audit_log (account_sid, date_created)",
    R"(CREATE TABLE audit_checkpoints (
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  sequence INTEGER NOT NULL,
  date_created INTEGER NOT NULL,
  checkpoint TEXT NOT NULL,
  PRIMARY KEY (account_sid, sequence)
) STRICT)",
};

}  // namespace

MigrationStep Migration0006() {
  return kStatements;
}

}  // namespace strata::cloud
