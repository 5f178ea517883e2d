// SPDX-License-Identifier: Apache-2.0
// Enrolment tokens.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 4> kStatements = {
    R"(CREATE TABLE enrolment_tokens (
  account_sid TEXT NOT NULL REFERENCES accounts (sid),
  sid TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  friendly_name TEXT NOT NULL,
  hardware_type TEXT NOT NULL,
  tags TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  date_created INTEGER NOT NULL,
  date_expires INTEGER NOT NULL,
  date_used INTEGER,
  device_sid TEXT,
  PRIMARY KEY (account_sid, sid)
) STRICT)",
    "CREATE UNIQUE INDEX enrolment_tokens_sid ON enrolment_tokens (sid)",
    "CREATE INDEX enrolment_tokens_list ON enrolment_tokens (account_sid, date_created, sequence)",
    "CREATE INDEX enrolment_tokens_expires ON enrolment_tokens (date_expires)",
};

}  // namespace

MigrationStep Migration0013() {
  return kStatements;
}

}  // namespace strata::cloud
