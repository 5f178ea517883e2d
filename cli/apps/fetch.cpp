// SPDX-License-Identifier: Apache-2.0
#include "apps/apps.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {

Outcome RunFetchApp(const AppOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "app"));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject app, api.Get("/v1/Apps/" + PercentEncode(options.sid)));
  WriteResource(session, app, "sid,uniqueName");
  return Done{};
}

void AddFetchApp(CLI::App& noun, Session& session) {
  CLI::App& verb =
      AddVerb(noun, session, "fetch", "Show one app", "strata apps fetch --sid my-app-1.0 -o json");
  auto options = std::make_shared<AppOptions>();
  AddSidOption(verb, options->sid);
  Bind(verb, session, options, RunFetchApp);
}

}  // namespace strata::cli
