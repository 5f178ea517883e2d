// SPDX-License-Identifier: Apache-2.0
/// strata webhooks: who is told what becomes of deployments. Reference: docs/spec/rest.md
/// "Webhooks". Security: a secret is shown once, when the webhook is made.
#pragma once

#include <string>

#include "support/verb.hpp"

namespace strata::cli {

struct CreateWebhookOptions {
  std::string url;
  std::string friendly_name;
};

struct WebhookOptions {
  std::string sid;
};

struct ResendOptions {
  std::string sid;
  std::string event;  ///< its id; empty: all dead letters
};

struct ListWebhooksOptions {
  std::string sid;  ///< of dead-letters
  ListRequest list;
};

/// Each: * the cloud's refusal.
Outcome RunCreateWebhook(const CreateWebhookOptions& options, Session& session);
Outcome RunListWebhooks(const ListWebhooksOptions& options, Session& session);
Outcome RunRemoveWebhook(const WebhookOptions& options, Session& session);
Outcome RunTestWebhook(const WebhookOptions& options, Session& session);
Outcome RunResend(const ResendOptions& options, Session& session);
Outcome RunListDeadLetters(const ListWebhooksOptions& options, Session& session);

void AddWebhooks(CLI::App& noun, Session& session);

}  // namespace strata::cli
