// SPDX-License-Identifier: Apache-2.0
/// FileBlobs: layers as files `DIR/blobs/<2 hex>/<62 hex>`, written in `DIR/tmp`, mode 0400.
/// Role: the embedded blob store; what it promises stands in blobs.hpp (cloud/domain).
/// One process at a time owns DIR; within it any number of threads. Reference:
/// docs/spec/storage.md.
#pragma once

#include <memory>
#include <string>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/blobs.hpp"

namespace strata::cloud {

/// Makes the directories (mode 0700) where they are absent and removes what an earlier run left in
/// DIR/tmp under this store's names (`blob-…`). Writers must not outlive the store.
/// * 503/20503: a directory can't be made or read; the message names it.
ApiResult<std::unique_ptr<Blobs>> OpenFileBlobs(const std::string& dir);

}  // namespace strata::cloud
