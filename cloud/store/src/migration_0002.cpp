// SPDX-License-Identifier: Apache-2.0
// Key changes: rotation keys, revoked signers, the chain of messages, where devices stand in it.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 6> kStatements = {
    "ALTER TABLE signing_keys ADD COLUMN type INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE signing_keys ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE signing_keys ADD COLUMN added_by INTEGER NOT NULL DEFAULT 0",
    R"(CREATE TABLE key_changes (
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  sequence INTEGER NOT NULL,
  body_hash BLOB NOT NULL,
  signer_id TEXT NOT NULL,
  message BLOB NOT NULL,
  date_created INTEGER NOT NULL,
  PRIMARY KEY (account_sid, sequence)
) STRICT)",
    "ALTER TABLE devices ADD COLUMN keys_sequence INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE devices ADD COLUMN keys_error INTEGER NOT NULL DEFAULT 0",
};

}  // namespace

MigrationStep Migration0002() {
  return kStatements;
}

}  // namespace strata::cloud
