// SPDX-License-Identifier: Apache-2.0
// Configs and secrets, and the ids of the master keys that secrets are sealed under.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 3> kStatements = {
    R"(CREATE TABLE settings (
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  scope TEXT NOT NULL,
  kind INTEGER NOT NULL,
  setting_key TEXT NOT NULL,
  device_sid TEXT,
  sequence INTEGER NOT NULL,
  version INTEGER NOT NULL,
  value TEXT,
  sealed BLOB,
  master_key_id TEXT,
  date_created INTEGER NOT NULL,
  date_updated INTEGER NOT NULL,
  PRIMARY KEY (account_sid, scope, kind, setting_key),
  UNIQUE (account_sid, scope, kind, date_created, sequence),
  FOREIGN KEY (account_sid, device_sid) REFERENCES devices (account_sid, sid) ON DELETE CASCADE
) STRICT)",
    R"(CREATE INDEX settings_master_key ON settings (master_key_id))",
    R"(CREATE TABLE master_keys (
  key_id TEXT NOT NULL PRIMARY KEY,
  date_created INTEGER NOT NULL
) STRICT)",
};

}  // namespace

MigrationStep Migration0004() {
  return kStatements;
}

}  // namespace strata::cloud
