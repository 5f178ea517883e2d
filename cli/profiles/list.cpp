// SPDX-License-Identifier: Apache-2.0
#include "profiles/profiles.hpp"
#include "support/output.hpp"
#include "support/profiles.hpp"

namespace strata::cli {

Outcome RunListProfiles(const ProfileOptions&, Session& session) {
  STRATA_TRY_ASSIGN(const ProfileStore store, ProfileStore::Open(session.context.env));
  STRATA_TRY_ASSIGN(const std::vector<std::string> names, store.Names());
  STRATA_TRY_ASSIGN(const std::optional<std::string> active, store.ActiveName());
  std::vector<JsonObject> records;
  for (const std::string& name : names) {
    Expected<Profile> profile = store.Load(name);
    if (!profile.ok()) {
      session.Warn(LineOf(profile.error()));
      profile = Profile();
    }
    records.push_back({{"profile", name},
                       {"accountSid", profile.value().account_sid},
                       {"url", profile.value().url},
                       {"active", active == name},
                       {"signingKeyFile", profile.value().signing_key_file}});
  }
  WriteRecords(session, records, "profile,accountSid,url,active");
  return Done{};
}

void AddListProfiles(CLI::App& noun, Session& session) {
  CLI::App& verb =
      AddVerb(noun, session, "list", "List the profiles on this machine", "strata profiles list");
  Bind(verb, session, std::make_shared<ProfileOptions>(), RunListProfiles);
}

}  // namespace strata::cli
