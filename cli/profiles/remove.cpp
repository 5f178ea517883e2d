// SPDX-License-Identifier: Apache-2.0
#include "profiles/profiles.hpp"
#include "support/profiles.hpp"

namespace strata::cli {

Outcome RunRemoveProfile(const ProfileOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const ProfileStore store, ProfileStore::Open(session.context.env));
  STRATA_TRY(store.Remove(options.name));
  session.Info("Profile '" + options.name + "' is forgotten; its signing key stays in " +
               store.SigningKeyFile(options.name).string());
  return Done{};
}

void AddRemoveProfile(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "remove",
                           "Forget a profile and its token; the signing key stays",
                           "strata profiles remove factory");
  auto options = std::make_shared<ProfileOptions>();
  verb.add_option("NAME", options->name, "The profile")->required();
  Bind(verb, session, options, RunRemoveProfile);
}

}  // namespace strata::cli
