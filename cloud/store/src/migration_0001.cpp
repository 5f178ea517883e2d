// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 12> kStatements = {
    R"(CREATE TABLE accounts (
  sid TEXT NOT NULL PRIMARY KEY,
  friendly_name TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  last_sequence INTEGER NOT NULL,
  date_created INTEGER NOT NULL
) STRICT)",
    R"(CREATE TABLE apps (
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  sid TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  unique_name TEXT,
  manifest_hash BLOB NOT NULL,
  manifest BLOB NOT NULL,
  app_version TEXT NOT NULL,
  hardware_type TEXT NOT NULL,
  signer_id TEXT NOT NULL,
  encrypted INTEGER NOT NULL,
  layer_count INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  date_created INTEGER NOT NULL,
  date_updated INTEGER NOT NULL,
  PRIMARY KEY (account_sid, sid),
  UNIQUE (sid),
  UNIQUE (account_sid, unique_name),
  UNIQUE (account_sid, date_created, sequence)
) STRICT)",
    R"(CREATE TABLE app_layers (
  account_sid TEXT NOT NULL,
  app_sid TEXT NOT NULL,
  digest BLOB NOT NULL,
  size_bytes INTEGER NOT NULL,
  PRIMARY KEY (account_sid, app_sid, digest),
  FOREIGN KEY (account_sid, app_sid) REFERENCES apps (account_sid, sid) ON DELETE CASCADE
) STRICT)",
    R"(CREATE INDEX app_layers_digest ON app_layers (digest))",
    R"(CREATE TABLE uploads (
  account_sid TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  app_sid TEXT NOT NULL,
  date_created INTEGER NOT NULL,
  PRIMARY KEY (account_sid, idempotency_key),
  FOREIGN KEY (account_sid, app_sid) REFERENCES apps (account_sid, sid) ON DELETE CASCADE
) STRICT)",
    R"(CREATE INDEX uploads_date ON uploads (account_sid, date_created))",
    R"(CREATE INDEX uploads_app ON uploads (account_sid, app_sid))",
    R"(CREATE TABLE signing_keys (
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  key_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  friendly_name TEXT NOT NULL,
  public_key BLOB NOT NULL,
  date_created INTEGER NOT NULL,
  PRIMARY KEY (account_sid, key_id),
  UNIQUE (account_sid, date_created, sequence)
) STRICT)",
    R"(CREATE TABLE devices (
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  sid TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  unique_name TEXT,
  hardware_type TEXT NOT NULL,
  development INTEGER NOT NULL,
  public_key BLOB NOT NULL,
  fingerprint BLOB NOT NULL,
  receipt_counter INTEGER NOT NULL,
  target_sid TEXT,
  target_hash BLOB,
  deployment_id BLOB,
  date_targeted INTEGER,
  update_status INTEGER NOT NULL,
  update_error_code INTEGER NOT NULL,
  update_error_op INTEGER NOT NULL,
  update_error_detail INTEGER NOT NULL,
  update_state INTEGER NOT NULL,
  bytes_staged INTEGER NOT NULL,
  bytes_total INTEGER NOT NULL,
  reported_sid TEXT,
  date_reported INTEGER,
  updating_sid TEXT,
  logging_enabled INTEGER NOT NULL,
  logging_expires INTEGER,
  restart_counter INTEGER NOT NULL,
  date_created INTEGER NOT NULL,
  date_updated INTEGER NOT NULL,
  date_last_seen INTEGER,
  PRIMARY KEY (account_sid, sid),
  UNIQUE (sid),
  UNIQUE (fingerprint),
  UNIQUE (account_sid, unique_name),
  UNIQUE (account_sid, date_created, sequence),
  FOREIGN KEY (account_sid, target_sid) REFERENCES apps (account_sid, sid),
  FOREIGN KEY (account_sid, reported_sid) REFERENCES apps (account_sid, sid),
  FOREIGN KEY (account_sid, updating_sid) REFERENCES apps (account_sid, sid)
) STRICT)",
    R"(CREATE INDEX devices_target ON devices (account_sid, target_sid))",
    R"(CREATE INDEX devices_reported ON devices (account_sid, reported_sid))",
    R"(CREATE INDEX devices_updating ON devices (account_sid, updating_sid))",
};

}  // namespace

MigrationStep Migration0001() {
  return kStatements;
}

}  // namespace strata::cloud
