// SPDX-License-Identifier: Apache-2.0
/// Db over one SQLite file: one connection writes, a few read; WAL lets them work side by side.
#pragma once

#include <memory>
#include <string>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/store/sqlite_store.hpp"

#include "db.hpp"

namespace strata::cloud {

/// Opens or makes the file with all settings of docs/spec/storage.md; does not look at the schema
/// beyond refusing a file that holds tables but no schema_version. `sums_required`: see
/// RequirePageSums(). * 503/20503.
ApiResult<std::unique_ptr<Db>> OpenSqliteDb(const SqliteOptions& options,
                                            bool sums_required = false);

}  // namespace strata::cloud
