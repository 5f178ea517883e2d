// SPDX-License-Identifier: Apache-2.0
#include "accounts/accounts.hpp"
#include "support/output.hpp"

namespace strata::cli {

Outcome RunFetchAccount(const FetchAccountOptions& /*options*/, Session& session) {
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject account, api.Get("/v1/Account"));
  WriteResource(session, account, "sid,friendlyName,developmentSigning,usage");
  return Done{};
}

void AddFetchAccount(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "fetch",
                           "Show the account you are signed in to, and what it uses of its limits",
                           "strata accounts fetch -o json");
  Bind(verb, session, std::make_shared<FetchAccountOptions>(), RunFetchAccount);
}

void AddAccounts(CLI::App& noun, Session& session) {
  AddFetchAccount(noun, session);
  AddUpdateAccount(noun, session);
}

}  // namespace strata::cli
