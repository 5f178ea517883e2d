// SPDX-License-Identifier: Apache-2.0
#include "store_beside.hpp"

#include "strata/cloud/store/sqlite_store.hpp"

#include "data_dir.hpp"

namespace strata::cloud {

ApiResult<std::unique_ptr<Store>> OpenStoreBeside(const std::string& dir) {
  SqliteOptions options{.path = dir + "/strata.db", .upgrade = false};
  auto store = OpenSqliteStore(options);
  DirLock alone;
  if (store.ok() || !alone.Take(dir)) {
    return store;
  }
  options.upgrade = true;
  return OpenSqliteStore(options);
}

}  // namespace strata::cloud
