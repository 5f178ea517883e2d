// SPDX-License-Identifier: Apache-2.0
#include "settings/settings.hpp"
#include "support/output.hpp"

namespace strata::cli {

Outcome RunCreateSetting(const SettingOptions& options, Session& session) {
  if (options.key.empty()) {
    return Usage("name the key with --key KEY");
  }
  STRATA_TRY_ASSIGN(const std::string path, CollectionPath(options));
  STRATA_TRY_ASSIGN(const std::string value, GivenValue(options, session));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject setting,
                    api.Post(path, {{"Key", options.key}, {"Value", value}}));
  WriteResource(session, setting, options.store.Columns());
  return Done{};
}

void AddCreateSetting(CLI::App& noun, Session& session, SettingStore store) {
  auto options = std::make_shared<SettingOptions>();
  options->store = store;
  CLI::App& verb =
      AddSettingVerb(noun,
                     session,
                     *options,
                     "create",
                     store.secret ? "Store a new secret; its value can't be read back over the API"
                                  : "Store a new config",
                     store.secret ? "--key wifi-password --value-file password.txt"
                                  : "--key wifi-ssid --value workshop");
  AddKeyOption(verb, *options);
  AddValueOptions(verb, *options);
  Bind(verb, session, options, RunCreateSetting);
}

}  // namespace strata::cli
