// SPDX-License-Identifier: Apache-2.0
// API keys; accounts' development signing.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 5> kStatements = {
    R"(CREATE TABLE api_keys (
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  sid TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  friendly_name TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  scopes INTEGER NOT NULL,
  date_created INTEGER NOT NULL,
  date_last_used INTEGER,
  PRIMARY KEY (account_sid, sid),
  UNIQUE (sid),
  UNIQUE (account_sid, date_created, sequence)
) STRICT)",
    "ALTER TABLE accounts ADD COLUMN development_signing INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE accounts ADD COLUMN development_signer BLOB",
    "ALTER TABLE accounts ADD COLUMN development_key BLOB",
    "ALTER TABLE accounts ADD COLUMN development_master_key_id TEXT",
};

}  // namespace

MigrationStep Migration0003() {
  return kStatements;
}

}  // namespace strata::cloud
