// SPDX-License-Identifier: Apache-2.0
#include "devices/devices.hpp"
#include "settings/settings.hpp"
#include "support/output.hpp"

namespace strata::cli {

Outcome RunListDevices(const ListRequest& options, Session& session) {
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const std::vector<JsonObject> devices,
                    api.List("/v1/Devices", "devices", options));
  WriteResources(session, devices, "sid,uniqueName");
  return Done{};
}

void AddListDevices(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(
      noun, session, "list", "List the account's devices, newest first", "strata devices list");
  auto options = std::make_shared<ListRequest>();
  AddListOptions(verb, *options);
  Bind(verb, session, options, RunListDevices);
}

void AddDevices(CLI::App& noun, Session& session) {
  AddProvision(noun, session);
  AddListDevices(noun, session);
  AddFetchDevice(noun, session);
  AddUpdateDevice(noun, session);
  AddSettings(noun, session, {.secret = false, .of_device = true});
  AddSettings(noun, session, {.secret = true, .of_device = true});
}

}  // namespace strata::cli
