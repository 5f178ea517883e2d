// SPDX-License-Identifier: Apache-2.0
/// Webhooks' secrets at rest (docs/spec/storage.md "Secrets at rest").
#pragma once

#include <vector>

#include "strata/cloud/domain/webhooks.hpp"

#include "api_errors.hpp"

namespace strata::cloud {

/// What a webhook's sealed secret belongs to.
std::vector<std::uint8_t> WebhookContext(const Webhook& webhook);

/// Seals it anew, under the newest master key.
ApiOutcome ResealWebhook(Sealer& sealer, WebhookRecord& record);

}  // namespace strata::cloud
