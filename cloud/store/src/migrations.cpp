// SPDX-License-Identifier: Apache-2.0
#include "migrations.hpp"

#include <array>

namespace strata::cloud {

std::span<const MigrationStep> Migrations() {
  static const std::array<MigrationStep, 15> kSteps = {Migration0001(),
                                                       Migration0002(),
                                                       Migration0003(),
                                                       Migration0004(),
                                                       Migration0005(),
                                                       Migration0006(),
                                                       Migration0007(),
                                                       Migration0008(),
                                                       Migration0009(),
                                                       Migration0010(),
                                                       Migration0011(),
                                                       Migration0012(),
                                                       Migration0013(),
                                                       Migration0014(),
                                                       Migration0015()};
  return kSteps;
}

Result<std::size_t> SchemaVersion(DbConnection& connection) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection.Query("SELECT coalesce(max(version), 0) FROM schema_version", {}));
  const auto* found = std::get_if<std::int64_t>(&rows.at(0).at(0));
  if (found == nullptr || *found < 0) {
    return Fail(Code::kIo);
  }
  return static_cast<std::size_t>(*found);
}

Status Migrate(DbConnection& connection, std::span<const MigrationStep> steps) {
  STRATA_TRY(connection.Query(
      "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY) STRICT",
      {}));
  STRATA_TRY_ASSIGN(const std::size_t version, SchemaVersion(connection));
  if (version > steps.size()) {
    return Fail(Code::kUnsupported, Op::kNone, static_cast<std::uint32_t>(version));
  }
  for (std::size_t next = version; next < steps.size(); ++next) {
    for (const std::string_view statement : steps[next]) {
      STRATA_TRY(connection.Query(statement, {}));
    }
    STRATA_TRY(connection.Query("INSERT INTO schema_version (version) VALUES ($1)",
                                {static_cast<std::int64_t>(next + 1)}));
  }
  return {};
}

}  // namespace strata::cloud
