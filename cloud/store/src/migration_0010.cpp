// SPDX-License-Identifier: Apache-2.0
// Events of accounts and updates of devices. Neither refers to what may be deleted meanwhile.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 7> kStatements = {
    R"(CREATE TABLE events (
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  sequence INTEGER NOT NULL,
  type INTEGER NOT NULL,
  date_us INTEGER NOT NULL,
  device_sid TEXT,
  app_sid TEXT,
  name TEXT,
  deployment_id BLOB,
  error_code INTEGER NOT NULL,
  error_op INTEGER NOT NULL,
  error_detail INTEGER NOT NULL,
  update_state INTEGER NOT NULL,
  bytes_staged INTEGER NOT NULL,
  bytes_total INTEGER NOT NULL,
  PRIMARY KEY (account_sid, sequence)
) STRICT)",
    "CREATE INDEX events_device ON events (account_sid, device_sid, type, sequence)",
    "CREATE INDEX events_of_device ON events (account_sid, device_sid, sequence)",
    "CREATE INDEX events_type ON events (account_sid, type, sequence)",
    "CREATE INDEX events_date ON events (date_us)",
    R"(CREATE TABLE device_updates (
  account_sid TEXT NOT NULL,
  device_sid TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  deployment_id BLOB NOT NULL,
  app_sid TEXT NOT NULL,
  app_name TEXT,
  manifest_hash BLOB NOT NULL,
  outcome INTEGER NOT NULL,
  error_code INTEGER NOT NULL,
  error_op INTEGER NOT NULL,
  error_detail INTEGER NOT NULL,
  update_state INTEGER NOT NULL,
  bytes_staged INTEGER NOT NULL,
  bytes_total INTEGER NOT NULL,
  date_targeted INTEGER NOT NULL,
  date_started INTEGER,
  date_ended INTEGER,
  PRIMARY KEY (account_sid, device_sid, sequence),
  FOREIGN KEY (account_sid, device_sid) REFERENCES devices (account_sid, sid) ON DELETE CASCADE
) STRICT)",
    "CREATE UNIQUE INDEX device_updates_deployment ON device_updates (account_sid, device_sid, "
    "deployment_id)",
};

}  // namespace

MigrationStep Migration0010() {
  return kStatements;
}

}  // namespace strata::cloud
