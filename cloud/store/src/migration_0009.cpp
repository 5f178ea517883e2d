// SPDX-License-Identifier: Apache-2.0
// Devices' logs.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 3> kStatements = {
    "ALTER TABLE devices ADD COLUMN log_bytes INTEGER NOT NULL DEFAULT 0",
    R"(CREATE TABLE device_logs (
  account_sid TEXT NOT NULL,
  device_sid TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  date_us INTEGER NOT NULL,
  type INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (account_sid, device_sid, sequence),
  FOREIGN KEY (account_sid, device_sid) REFERENCES devices (account_sid, sid) ON DELETE CASCADE
) STRICT)",
    "CREATE INDEX device_logs_date ON device_logs (date_us)",
};

}  // namespace

MigrationStep Migration0009() {
  return kStatements;
}

}  // namespace strata::cloud
