// SPDX-License-Identifier: Apache-2.0
/// The key that signs checkpoints of audit logs, as files of the data directory. Reference:
/// docs/spec/audit.md.
#pragma once

#include <string>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/format/bundle/keys.hpp"

namespace strata::cloud {

/// Of DIR/audit.key; makes it, and DIR/audit.pub, when there is none. * 503/20503: it can't be read
/// or made, is no key, or others may read it; the message is one line for a person.
ApiResult<bundle::PrivateKey> OpenAuditKey(const std::string& dir);

}  // namespace strata::cloud
