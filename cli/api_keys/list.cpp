// SPDX-License-Identifier: Apache-2.0
#include "api_keys/api_keys.hpp"

namespace strata::cli {

Outcome RunListApiKeys(const ListRequest& options, Session& session) {
  return ShowList(session,
                  "/v1/ApiKeys",
                  "api_keys",
                  "sid,scopes,friendlyName,dateCreated,dateLastUsed",
                  options);
}

void AddListApiKeys(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "list",
                           "List the account's API keys, newest first; never their secrets",
                           "strata api-keys list");
  auto options = std::make_shared<ListRequest>();
  AddListOptions(verb, *options);
  Bind(verb, session, options, RunListApiKeys);
}

void AddApiKeys(CLI::App& noun, Session& session) {
  AddCreateApiKey(noun, session);
  AddListApiKeys(noun, session);
  AddRevokeApiKey(noun, session);
}

}  // namespace strata::cli
