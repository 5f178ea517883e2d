// SPDX-License-Identifier: Apache-2.0
/// The database of a cloud whose server may be running.
#pragma once

#include <memory>
#include <string>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/store.hpp"

namespace strata::cloud {

/// Opens `dir`/strata.db, for `accounts` and `ca`. An older schema is brought up to date only while
/// no server runs, whose version nobody knows: one of before would go on writing what it no longer
/// understands. A server can't start in that time. * as OpenSqliteStore().
ApiResult<std::unique_ptr<Store>> OpenStoreBeside(const std::string& dir);

}  // namespace strata::cloud
