// SPDX-License-Identifier: Apache-2.0
#include "settings/settings.hpp"

namespace strata::cli {

Outcome RunListSettings(const SettingOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const std::string path, CollectionPath(options));
  return ShowList(session, path, options.store.Noun(), options.store.Columns(), options.list);
}

void AddListSettings(CLI::App& noun, Session& session, SettingStore store) {
  auto options = std::make_shared<SettingOptions>();
  options->store = store;
  CLI::App& verb =
      AddSettingVerb(noun,
                     session,
                     *options,
                     "list",
                     store.secret ? "List the secrets' keys, newest first; their values stay hidden"
                                  : "List configs, newest first",
                     "");
  AddListOptions(verb, options->list);
  Bind(verb, session, options, RunListSettings);
}

}  // namespace strata::cli
