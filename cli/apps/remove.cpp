// SPDX-License-Identifier: Apache-2.0
#include "apps/apps.hpp"
#include "support/text.hpp"

namespace strata::cli {

Outcome RunRemoveApp(const AppOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "app"));
  return RemoveResource(session, "/v1/Apps/" + PercentEncode(options.sid));
}

void AddRemoveApp(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "remove",
                           "Delete an app that no device is targeted at or runs",
                           "strata apps remove --sid my-app-1.0");
  auto options = std::make_shared<AppOptions>();
  AddSidOption(verb, options->sid);
  Bind(verb, session, options, RunRemoveApp);
}

}  // namespace strata::cli
