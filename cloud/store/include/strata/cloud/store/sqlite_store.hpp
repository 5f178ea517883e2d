// SPDX-License-Identifier: Apache-2.0
/// The embedded metadata store: one SQLite file, WAL, fully synchronous.
/// Role: opens or makes the database and brings its schema up to date; what is in it: store.hpp
/// (cloud/domain). Durability: a transaction that returned OK survives power loss
/// (synchronous=FULL). Reference: docs/spec/storage.md.
#pragma once

#include <memory>
#include <string>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/store.hpp"

namespace strata::cloud {

struct SqliteOptions {
  std::string path;      ///< e.g. DIR/strata.db; made with mode 0600 when absent
  unsigned readers = 4;  ///< connections for Read(); at least 1
  int busy_timeout_ms = 5000;
  /// An older schema is brought up to date and pages get the checksums that they lack; only for a
  /// process that nobody else writes the database beside. false: beside a server, whose version
  /// nobody knows, an older schema is refused.
  bool upgrade = true;
};

/// * 503/20503: the file can't be opened or made, is not a database of ours, or was written by a
/// newer Strata; without `upgrade` also by an older one.
///   The message says which and what to do; no table is changed.
ApiResult<std::unique_ptr<Store>> OpenSqliteStore(const SqliteOptions& options);

}  // namespace strata::cloud
