// SPDX-License-Identifier: Apache-2.0
/// strata api-keys create|list|revoke. Reference: docs/spec/rest.md "API keys and scopes".
/// Security: a key's secret is shown once, by create, and can go into a file that only the owner
/// reads instead.
#pragma once

#include <string>

#include "support/verb.hpp"

namespace strata::cli {

struct CreateApiKeyOptions {
  std::string scopes;  ///< names joined by commas
  std::string friendly_name;
  std::string env_out;  ///< file of STRATA_… variables; empty: the secret goes to standard output
};

/// Makes a key. With `env_out` that file (0600, must not exist) holds URL, SID, secret and CA file,
/// and nothing printed holds the secret; should it turn out that it can't be written, the key is
/// revoked again. * kAlreadyExists before anything is sent. * as WriteFile. * the cloud's refusal.
Outcome RunCreateApiKey(const CreateApiKeyOptions& options, Session& session);

Outcome RunListApiKeys(const ListRequest& options, Session& session);

struct RevokeApiKeyOptions {
  std::string sid;
};

/// From the next request on the key is refused; there is no way back.
Outcome RunRevokeApiKey(const RevokeApiKeyOptions& options, Session& session);

void AddCreateApiKey(CLI::App& noun, Session& session);
void AddListApiKeys(CLI::App& noun, Session& session);
void AddRevokeApiKey(CLI::App& noun, Session& session);
void AddApiKeys(CLI::App& noun, Session& session);

}  // namespace strata::cli
