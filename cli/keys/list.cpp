// SPDX-License-Identifier: Apache-2.0
#include "keys/keys.hpp"
#include "keys/rotate.hpp"
#include "support/output.hpp"

namespace strata::cli {
namespace {

/// Where the chain stands, as a line for people. A cloud that knows no key changes says nothing.
Expected<std::string> ChainLine(Api& api) {
  ListRequest newest;
  newest.limit = 1;
  const auto changes = api.List("/v1/KeyChanges", "key_changes", newest);
  if (!changes.ok()) {
    return changes.error().code == 20404 ? Expected<std::string>(std::string()) : changes.error();
  }
  if (changes.value().empty()) {
    return std::string("No key changes");
  }
  const JsonObject& change = changes.value().front();
  const JsonObject devices = ObjectField(change, "devices");
  std::string line = "Newest key change: " + std::to_string(NumberField(change, "sequence")) +
                     "; " + std::to_string(NumberField(devices, "current")) + " of " +
                     std::to_string(NumberField(devices, "total")) + " devices stand there";
  if (const std::uint64_t refused = NumberField(devices, "refused"); refused > 0) {
    line += ", " + std::to_string(refused) + " refused it";
  }
  return line;
}

}  // namespace

Outcome RunListKeys(const ListRequest& options, Session& session) {
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const std::vector<JsonObject> keys, api.List("/v1/Keys", "keys", options));
  STRATA_TRY_ASSIGN(const std::string chain, ChainLine(api));
  WriteResources(session, keys, "keyId,type,friendlyName,revoked,dateCreated");
  if (!chain.empty()) {
    session.Info(chain);
  }
  return Done{};
}

void AddListKeys(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "list",
                           "List the keys that the account knows, and where its key changes stand",
                           "strata keys list -o json");
  auto options = std::make_shared<ListRequest>();
  AddListOptions(verb, *options);
  Bind(verb, session, options, RunListKeys);
}

void AddKeys(CLI::App& noun, Session& session) {
  AddGenerateKey(noun, session);
  AddRegisterKey(noun, session);
  AddListKeys(noun, session);
  AddRotateKeys(noun, session);
  AddRevokeKey(noun, session);
  AddApplyKeys(noun, session);
  AddListKeyChanges(noun, session);
}

}  // namespace strata::cli
