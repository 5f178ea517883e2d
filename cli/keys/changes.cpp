// SPDX-License-Identifier: Apache-2.0
#include "keys/rotate.hpp"
#include "support/output.hpp"

namespace strata::cli {
namespace {

/// The counts beside each other, so that they can be columns.
JsonObject WithCounts(const JsonObject& change) {
  JsonObject record = FromApi(change);
  const JsonObject devices = ObjectField(change, "devices");
  record["devicesCurrent"] = NumberField(devices, "current");
  record["devicesRefused"] = NumberField(devices, "refused");
  record["devicesTotal"] = NumberField(devices, "total");
  return record;
}

}  // namespace

Outcome RunListKeyChanges(const ListRequest& options, Session& session) {
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const std::vector<JsonObject> changes,
                    api.List("/v1/KeyChanges", "key_changes", options));
  std::vector<JsonObject> records;
  for (const JsonObject& change : changes) {
    records.push_back(WithCounts(change));
  }
  WriteRecords(
      session, records, "sequence,hash,devicesCurrent,devicesRefused,devicesTotal,dateCreated");
  return Done{};
}

void AddListKeyChanges(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "changes",
                           "List the account's key changes, newest first, and who stands where",
                           "strata keys changes -o json");
  auto options = std::make_shared<ListRequest>();
  AddListOptions(verb, *options);
  Bind(verb, session, options, RunListKeyChanges);
}

}  // namespace strata::cli
