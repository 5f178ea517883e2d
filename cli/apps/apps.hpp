// SPDX-License-Identifier: Apache-2.0
/// strata apps create|list|fetch|remove|manifest; prune is in prune.hpp. Reference:
/// docs/spec/rest.md "Apps".
#pragma once

#include <string>

#include "support/verb.hpp"

namespace strata::cli {

struct CreateAppOptions {
  std::string file;
  std::string unique_name;
  std::string bundle_out;  ///< empty: none
};

/// Uploads a bundle; a broken connection is tried again under the same idempotency key. Warnings of
/// the answer go to stderr. Returns the App.
/// * kBundleTooLarge before anything is sent. * as ReadFile. * the cloud's refusal.
Expected<JsonObject> UploadApp(const std::string& file,
                               const std::string& unique_name,
                               Api& api,
                               const Session& session);

/// UploadApp; with `bundle_out` then writes the bundle with the cloud's manifest there.
/// * as CheckPlace for `bundle_out`, and as UploadApp. * kManifestHashMismatch: the cloud's
/// manifest is for another body, as WriteFile: the app is made all the same, and the message names
/// it.
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
