// SPDX-License-Identifier: Apache-2.0
#include "devices/devices.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {

Outcome RunListUpdates(const ListUpdatesOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "device"));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(
      const std::vector<JsonObject> updates,
      api.List("/v1/Devices/" + PercentEncode(options.sid) + "/Updates", "updates", options.list));
  WriteResources(session, updates, "dateTargeted,appSid,appUniqueName,outcome,errorCode,dateEnded");
  return Done{};
}

void AddListUpdates(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "updates",
                           "List what became of a device's updates, newest first",
                           "strata devices updates --sid board-1");
  auto options = std::make_shared<ListUpdatesOptions>();
  AddSidOption(verb, options->sid);
  AddListOptions(verb, options->list);
  Bind(verb, session, options, RunListUpdates);
}

}  // namespace strata::cli
