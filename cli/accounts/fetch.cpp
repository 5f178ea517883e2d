// SPDX-License-Identifier: Apache-2.0
#include "accounts/accounts.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

/// "3 of 1000", or "3" where there is no limit.
std::string Used(const JsonObject& usage,
                 std::string_view what,
                 std::string (*words)(std::uint64_t)) {
  const std::string limit = std::string(what) + "_limit";
  const std::uint64_t most = NumberField(usage, limit);
  return words(NumberField(usage, what)) + (most == 0 ? "" : " of " + words(most));
}

std::string Plain(std::uint64_t number) {
  return std::to_string(number);
}

}  // namespace

Outcome RunFetchAccount(const FetchAccountOptions& /*options*/, Session& session) {
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject account, api.Get("/v1/Account"));
  JsonObject record = FromApi(account);
  if (session.common.OutputFormat() != Format::kJson) {
    const JsonObject usage = ObjectField(account, "usage");
    record["apps"] = Used(usage, "apps", Plain);
    record["bytes"] = Used(usage, "bytes", HumanBytes);
  }
  WriteRecords(session, {record}, "sid,friendlyName,developmentSigning,apps,bytes");
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
