// SPDX-License-Identifier: Apache-2.0
/// Sending a NewKeys message.
#pragma once

#include "strata/core/bytes.hpp"

#include "support/session.hpp"

namespace strata::cli {

/// Sends `message` and shows the KeyChange it became. Repeating it is harmless. * the cloud's
/// refusal.
Outcome SendKeyChange(Api& api, ByteSpan message, const Session& session);

}  // namespace strata::cli
