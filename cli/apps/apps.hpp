// SPDX-License-Identifier: Apache-2.0
/// strata apps create|list|fetch|remove|manifest. Reference: docs/spec/rest.md "Apps".
#pragma once

#include <string>

#include "support/verb.hpp"

namespace strata::cli {

struct CreateAppOptions {
  std::string file;
  std::string unique_name;
};

/// Uploads a bundle; a broken connection is tried again under the same idempotency key.
/// * kBundleTooLarge before anything is sent. * as ReadFile. * the cloud's refusal.
Outcome RunCreateApp(const CreateAppOptions& options, Session& session);

Outcome RunListApps(const ListRequest& options, Session& session);

struct AppOptions {
  std::string sid;  ///< SID or unique name
};

Outcome RunFetchApp(const AppOptions& options, Session& session);
Outcome RunRemoveApp(const AppOptions& options, Session& session);
Outcome RunAppManifest(const AppOptions& options, Session& session);

void AddCreateApp(CLI::App& noun, Session& session);
void AddListApps(CLI::App& noun, Session& session);
void AddFetchApp(CLI::App& noun, Session& session);
void AddRemoveApp(CLI::App& noun, Session& session);
void AddAppManifest(CLI::App& noun, Session& session);
void AddApps(CLI::App& noun, Session& session);

}  // namespace strata::cli
