// SPDX-License-Identifier: Apache-2.0
#include "api_keys/api_keys.hpp"
#include "support/text.hpp"

namespace strata::cli {

Outcome RunRevokeApiKey(const RevokeApiKeyOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "API key", UniqueNames::kNo));
  return RemoveResource(session, "/v1/ApiKeys/" + PercentEncode(options.sid));
}

void AddRevokeApiKey(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "revoke",
                           "Delete an API key; the next request with it is refused",
                           "strata api-keys revoke --sid SK00112233445566778899aabbccddeeff");
  auto options = std::make_shared<RevokeApiKeyOptions>();
  AddSidOption(verb, options->sid, {}, UniqueNames::kNo);
  Bind(verb, session, options, RunRevokeApiKey);
}

}  // namespace strata::cli
