// SPDX-License-Identifier: Apache-2.0
#include "settings/settings.hpp"

namespace strata::cli {

Outcome RunRemoveSetting(const SettingOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const std::string path, SettingPath(options));
  return RemoveResource(session, path);
}

void AddRemoveSetting(CLI::App& noun, Session& session, SettingStore store) {
  auto options = std::make_shared<SettingOptions>();
  options->store = store;
  CLI::App& verb = AddSettingVerb(noun,
                                  session,
                                  *options,
                                  "remove",
                                  store.secret ? "Delete a secret" : "Delete a config",
                                  store.secret ? "--key wifi-password" : "--key wifi-ssid");
  AddKeyOption(verb, *options);
  Bind(verb, session, options, RunRemoveSetting);
}

}  // namespace strata::cli
