// SPDX-License-Identifier: Apache-2.0
// Webhooks and what is on its way to them.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 5> kStatements = {
    R"(CREATE TABLE webhooks (
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  sid TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  url TEXT NOT NULL,
  friendly_name TEXT NOT NULL,
  date_created INTEGER NOT NULL,
  master_key_id TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (account_sid, sid)
) STRICT)",
    "CREATE INDEX webhooks_list ON webhooks (account_sid, date_created, sequence)",
    R"(CREATE TABLE webhook_deliveries (
  account_sid TEXT NOT NULL,
  webhook_sid TEXT NOT NULL,
  event INTEGER NOT NULL,
  date_created INTEGER NOT NULL,
  next_attempt INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  last_status INTEGER NOT NULL,
  last_error TEXT NOT NULL,
  dead INTEGER NOT NULL,
  PRIMARY KEY (account_sid, webhook_sid, event),
  FOREIGN KEY (account_sid, webhook_sid) REFERENCES webhooks (account_sid, sid) ON DELETE CASCADE
) STRICT)",
    "CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt) WHERE dead = 0",
    "CREATE INDEX webhook_deliveries_dead ON webhook_deliveries (account_sid, webhook_sid, event) "
    "WHERE dead = 1",
};

}  // namespace

MigrationStep Migration0012() {
  return kStatements;
}

}  // namespace strata::cloud
