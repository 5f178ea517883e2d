// SPDX-License-Identifier: Apache-2.0
/// The CAs that NewKeys messages pinned, as libcurl takes them.
#pragma once

#include <string>

#include "strata/engine/ports/key_store.hpp"
#include "strata/platform/linux/expected.hpp"

namespace strata::device {

/// All of them in PEM, one after the other; empty: the key store pins none, ca.pem counts.
/// * kKeyStoreCorrupt. * kKeyInvalid: one can't be written as PEM.
Expected<std::string> PinnedAuthorities(ports::RotatingKeyStore& keys);

}  // namespace strata::device
