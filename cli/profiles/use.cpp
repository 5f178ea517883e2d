// SPDX-License-Identifier: Apache-2.0
#include "profiles/profiles.hpp"
#include "support/profiles.hpp"

namespace strata::cli {

Outcome RunUseProfile(const ProfileOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const ProfileStore store, ProfileStore::Open(session.context.env));
  STRATA_TRY(store.Activate(options.name));
  session.Info("Profile '" + options.name + "' is active now");
  return Done{};
}

void AddUseProfile(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "use",
                           "Make a profile the active one, for commands without -p",
                           "strata profiles use factory");
  auto options = std::make_shared<ProfileOptions>();
  verb.add_option("NAME", options->name, "The profile")->required();
  Bind(verb, session, options, RunUseProfile);
}

}  // namespace strata::cli
