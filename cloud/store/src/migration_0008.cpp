// SPDX-License-Identifier: Apache-2.0
// Sessions of the console.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 3> kStatements = {
    R"(CREATE TABLE sessions (
  token_hash BLOB NOT NULL PRIMARY KEY,
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  api_key_sid TEXT,
  secret_hash BLOB NOT NULL,
  date_created INTEGER NOT NULL,
  date_expires INTEGER NOT NULL,
  FOREIGN KEY (account_sid, api_key_sid) REFERENCES api_keys (account_sid, sid) ON DELETE CASCADE
) STRICT)",
    "CREATE INDEX sessions_key ON sessions (account_sid, api_key_sid)",
    "CREATE INDEX sessions_end ON sessions (date_expires)",
};

}  // namespace

MigrationStep Migration0008() {
  return kStatements;
}

}  // namespace strata::cloud
