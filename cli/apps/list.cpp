// SPDX-License-Identifier: Apache-2.0
#include "apps/apps.hpp"
#include "apps/prune.hpp"

namespace strata::cli {

Outcome RunListApps(const ListRequest& options, Session& session) {
  return ShowList(session, "/v1/Apps", "apps", "sid,uniqueName", options);
}

void AddListApps(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "list",
                           "List the account's apps, newest first",
                           "strata apps list --properties sid,uniqueName,dateCreated");
  auto options = std::make_shared<ListRequest>();
  AddListOptions(verb, *options);
  Bind(verb, session, options, RunListApps);
}

void AddApps(CLI::App& noun, Session& session) {
  AddCreateApp(noun, session);
  AddListApps(noun, session);
  AddFetchApp(noun, session);
  AddRemoveApp(noun, session);
  AddAppManifest(noun, session);
  AddPruneApps(noun, session);
}

}  // namespace strata::cli
