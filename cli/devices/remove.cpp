// SPDX-License-Identifier: Apache-2.0
#include "devices/devices.hpp"
#include "support/text.hpp"

namespace strata::cli {

Outcome RunRemoveDevice(const DeviceOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "device"));
  return RemoveResource(session, "/v1/Devices/" + PercentEncode(options.sid));
}

void AddRemoveDevice(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "remove",
                           "Remove a device that is dead or lost: its certificate is refused from "
                           "now on, and its app can be deleted",
                           "strata devices remove --sid board-1");
  auto options = std::make_shared<DeviceOptions>();
  AddSidOption(verb, options->sid);
  Bind(verb, session, options, RunRemoveDevice);
}

}  // namespace strata::cli
