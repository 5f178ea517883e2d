// SPDX-License-Identifier: Apache-2.0
/// Copies of the embedded database, for backups. Role: makes and checks them; where layers are is
/// not its business. Reference: docs/spec/backup.md.
#pragma once

#include <string>
#include <vector>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/core/digest.hpp"

namespace strata::cloud {

/// Writes the database at `path`, as it is at one moment, to the new file `copy`. A server may go
/// on meanwhile. `sums_required`: a page without a checksum is damage, as it is to a server that
/// runs. * 503/20503: it can't be read, or `copy` can't be written or is there.
ApiOutcome CopySqlite(const std::string& path, const std::string& copy, bool sums_required = false);

/// When the database at `path`, which is one of ours, has an older schema than this program, keeps
/// it as it is as `path`.schema-N, the way back from an upgrade. A copy of the same schema is
/// replaced; durable when it returns. What an earlier call left unfinished goes first. * 503/20503:
/// there is no room for it, or it can't be written.
ApiOutcome KeepOldSchema(const std::string& path);

/// Every page, index and reference of the database at `path`, which nobody else uses. The distinct
/// layers that its apps name. * 503/20503: it is damaged, none of ours, or of a newer Strata.
ApiResult<std::vector<Digest>> CheckSqlite(const std::string& path);

}  // namespace strata::cloud
