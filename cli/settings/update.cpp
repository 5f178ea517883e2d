// SPDX-License-Identifier: Apache-2.0
#include "settings/settings.hpp"
#include "support/output.hpp"

namespace strata::cli {

Outcome RunUpdateSetting(const SettingOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const std::string path, SettingPath(options));
  STRATA_TRY_ASSIGN(const std::string value, GivenValue(options, session));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject setting, api.Post(path, {{"Value", value}}));
  WriteResource(session, setting, options.store.Columns());
  return Done{};
}

void AddUpdateSetting(CLI::App& noun, Session& session, SettingStore store) {
  auto options = std::make_shared<SettingOptions>();
  options->store = store;
  CLI::App& verb = AddSettingVerb(
      noun,
      session,
      *options,
      "update",
      store.secret ? "Give a secret another value" : "Give a config another value",
      store.secret ? "--key wifi-password --value-file -" : "--key wifi-ssid --value office");
  AddKeyOption(verb, *options);
  AddValueOptions(verb, *options);
  Bind(verb, session, options, RunUpdateSetting);
}

}  // namespace strata::cli
