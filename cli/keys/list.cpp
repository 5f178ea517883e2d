// SPDX-License-Identifier: Apache-2.0
#include "keys/keys.hpp"
#include "support/output.hpp"

namespace strata::cli {

Outcome RunListKeys(const ListRequest& options, Session& session) {
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const std::vector<JsonObject> keys, api.List("/v1/Keys", "keys", options));
  WriteResources(session, keys, "keyId,type,friendlyName,dateCreated");
  return Done{};
}

void AddListKeys(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "list",
                           "List the signing keys that the account knows",
                           "strata keys list -o json");
  auto options = std::make_shared<ListRequest>();
  AddListOptions(verb, *options);
  Bind(verb, session, options, RunListKeys);
}

void AddKeys(CLI::App& noun, Session& session) {
  AddGenerateKey(noun, session);
  AddRegisterKey(noun, session);
  AddListKeys(noun, session);
}

}  // namespace strata::cli
