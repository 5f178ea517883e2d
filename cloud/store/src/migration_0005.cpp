// SPDX-License-Identifier: Apache-2.0
// Tags of devices, what lists of devices are filtered by, and hourly counts.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 9> kStatements = {
    "ALTER TABLE devices ADD COLUMN tags TEXT NOT NULL DEFAULT ''",
    R"(CREATE TABLE device_tags (
  account_sid TEXT NOT NULL,
  tag TEXT NOT NULL,
  device_sid TEXT NOT NULL,
  PRIMARY KEY (account_sid, tag, device_sid),
  FOREIGN KEY (account_sid, device_sid) REFERENCES devices (account_sid, sid) ON DELETE CASCADE
) STRICT)",
    "CREATE INDEX device_tags_device ON device_tags (account_sid, device_sid)",
    "CREATE INDEX devices_list_status ON devices (account_sid, update_status, date_created, "
    "sequence)",
    "CREATE INDEX devices_list_target ON devices (account_sid, target_sid, date_created, sequence)",
    "CREATE INDEX devices_seen ON devices (account_sid, coalesce(date_last_seen, 0))",
    "CREATE INDEX devices_counts ON devices (account_sid, target_sid, update_status)",
    R"(CREATE TABLE device_hours (
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  hour INTEGER NOT NULL,
  target_sid TEXT NOT NULL,
  update_status INTEGER NOT NULL,
  devices INTEGER NOT NULL,
  PRIMARY KEY (account_sid, hour, target_sid, update_status)
) STRICT)",
    "CREATE INDEX device_hours_hour ON device_hours (hour)",
};

}  // namespace

MigrationStep Migration0005() {
  return kStatements;
}

}  // namespace strata::cloud
