// SPDX-License-Identifier: Apache-2.0
/// The schema as numbered steps (docs/spec/storage.md). A step that was released is never edited:
/// add another.
#pragma once

#include <span>
#include <string_view>

#include "db.hpp"

namespace strata::cloud {

/// Step n makes version n from n - 1; the list is in order and begins with 1.
using MigrationStep = std::span<const std::string_view>;
[[nodiscard]] std::span<const MigrationStep> Migrations();

/// Each from its own file, migration_NNNN.cpp.
[[nodiscard]] MigrationStep Migration0001();
[[nodiscard]] MigrationStep Migration0002();
[[nodiscard]] MigrationStep Migration0003();
[[nodiscard]] MigrationStep Migration0004();
[[nodiscard]] MigrationStep Migration0005();
[[nodiscard]] MigrationStep Migration0006();
[[nodiscard]] MigrationStep Migration0007();
[[nodiscard]] MigrationStep Migration0008();
[[nodiscard]] MigrationStep Migration0009();
[[nodiscard]] MigrationStep Migration0010();
[[nodiscard]] MigrationStep Migration0011();
[[nodiscard]] MigrationStep Migration0012();
[[nodiscard]] MigrationStep Migration0013();
[[nodiscard]] MigrationStep Migration0014();
[[nodiscard]] MigrationStep Migration0015();

/// 0: there is no step yet. * as DbConnection, also for a database without the table.
Result<std::size_t> SchemaVersion(DbConnection& connection);

/// Brings the schema to the last of `steps`, all of it in the transaction of `connection`.
/// * kUnsupported: the schema is newer than `steps`; `detail` is its version. * others: store.hpp.
Status Migrate(DbConnection& connection, std::span<const MigrationStep> steps);

}  // namespace strata::cloud
