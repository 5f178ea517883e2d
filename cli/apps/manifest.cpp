// SPDX-License-Identifier: Apache-2.0
#include "apps/apps.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {

Outcome RunAppManifest(const AppOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "app"));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject manifest,
                    api.Get("/v1/Apps/" + PercentEncode(options.sid) + "/Manifest"));
  WriteResource(session, manifest, "appSid,hash");
  return Done{};
}

void AddAppManifest(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "manifest",
                           "Show an app's signed manifest (in JSON: base64)",
                           "strata apps manifest --app-sid my-app-1.0 -o json");
  auto options = std::make_shared<AppOptions>();
  AddSidOption(verb, options->sid, "--app-sid");
  Bind(verb, session, options, RunAppManifest);
}

}  // namespace strata::cli
