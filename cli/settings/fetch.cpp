// SPDX-License-Identifier: Apache-2.0
#include "settings/settings.hpp"
#include "support/output.hpp"

namespace strata::cli {

Outcome RunFetchSetting(const SettingOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const std::string path, SettingPath(options));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject setting, api.Get(path));
  WriteResource(session, setting, options.store.Columns());
  return Done{};
}

void AddFetchSetting(CLI::App& noun, Session& session, SettingStore store) {
  auto options = std::make_shared<SettingOptions>();
  options->store = store;
  CLI::App& verb =
      AddSettingVerb(noun,
                     session,
                     *options,
                     "fetch",
                     store.secret ? "Show when a secret was last changed; its value stays hidden"
                                  : "Show one config",
                     store.secret ? "--key wifi-password" : "--key wifi-ssid -o json");
  AddKeyOption(verb, *options);
  Bind(verb, session, options, RunFetchSetting);
}

}  // namespace strata::cli
