// SPDX-License-Identifier: Apache-2.0
#include "devices/devices.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {

Outcome RunFetchDevice(const DeviceOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "device"));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject device, api.Get("/v1/Devices/" + PercentEncode(options.sid)));
  WriteResource(session, device, "sid,uniqueName");
  return Done{};
}

void AddFetchDevice(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(
      noun, session, "fetch", "Show one device", "strata devices fetch --sid my-device -o json");
  auto options = std::make_shared<DeviceOptions>();
  AddSidOption(verb, options->sid);
  Bind(verb, session, options, RunFetchDevice);
}

}  // namespace strata::cli
