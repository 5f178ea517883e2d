// SPDX-License-Identifier: Apache-2.0
/// The master key's file (docs/spec/storage.md "Secrets at rest"): DIR/master.key or where the
/// person keeps it. Security: its text is secret; mode 0600.
#pragma once

#include <memory>
#include <string>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/store.hpp"
#include "strata/cloud/pki/master_keys.hpp"

namespace strata::cloud {

/// `file` as given, or DIR/master.key when it is empty.
std::string MasterKeyPath(const std::string& dir, const std::string& file);

/// false: it can't be written.
bool WriteMasterKeys(const std::string& path, const pki::MasterKeys& keys);

/// Reads the file and holds it against the master keys that `store` names. A store that names none
/// gets a new file if there is none. Refused with one line for a person when the file is missing,
/// can't be read, may be read by others, is no master key, or lacks a key that the store names.
ApiResult<std::unique_ptr<pki::MasterKeys>> OpenMasterKeys(const std::string& path, Store& store);

}  // namespace strata::cloud
