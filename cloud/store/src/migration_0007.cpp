// SPDX-License-Identifier: Apache-2.0
// Rows that are there to be written: locks between transactions, and the probe of health.
#include <array>

#include "migrations.hpp"

namespace strata::cloud {
namespace {

constexpr std::array<std::string_view, 1> kStatements = {
    R"(CREATE TABLE markers (
  name TEXT NOT NULL PRIMARY KEY,
  writes INTEGER NOT NULL
) STRICT)",
};

}  // namespace

MigrationStep Migration0007() {
  return kStatements;
}

}  // namespace strata::cloud
