// SPDX-License-Identifier: Apache-2.0
/// strata configs|secrets and strata devices configs|secrets: create|list|fetch|update|remove.
/// The four nouns have the same verbs; they differ in path and columns. Reference:
/// docs/spec/rest.md "Configs and Secrets". Security: no answer holds a secret's value, and nothing
/// here prints one; a value can come from a file or standard input because other users of the
/// machine can read command lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/verb.hpp"

namespace strata::cli {

/// One of the four collections.
struct SettingStore {
  bool secret = false;
  bool of_device = false;

  /// Also the key of the list's array: "configs" or "secrets".
  [[nodiscard]] std::string_view Noun() const { return secret ? "secrets" : "configs"; }

  [[nodiscard]] std::string_view Columns() const {
    return secret ? "key,dateRotated" : "key,value,dateUpdated";
  }
};

/// Of all five verbs; each uses what it has options for.
struct SettingOptions {
  SettingStore store;
  std::string device;  ///< SID or unique name; only with store.of_device
  std::string key;
  std::optional<std::string> value;
  std::string value_file;  ///< "-": standard input
  ListRequest list;
};

/// The collection's path. * Usage: a device's, and none is named.
Expected<std::string> CollectionPath(const SettingOptions& options);

/// The path of one. * Usage: no key. * as CollectionPath.
Expected<std::string> SettingPath(const SettingOptions& options);

/// The value that was given; from a file or standard input without one line end at its end. On a
/// terminal it is asked for, without echo when it is a secret.
/// * Usage: none. * as ReadSecretFile, also for standard input; * as Ask.
Expected<std::string> GivenValue(const SettingOptions& options, Session& session);

/// Each: * Usage as above. * the cloud's refusal, e.g. 20409: the key exists already.
Outcome RunCreateSetting(const SettingOptions& options, Session& session);
Outcome RunListSettings(const SettingOptions& options, Session& session);
Outcome RunFetchSetting(const SettingOptions& options, Session& session);
Outcome RunUpdateSetting(const SettingOptions& options, Session& session);
Outcome RunRemoveSetting(const SettingOptions& options, Session& session);

/// A verb of `store` with --device-sid where it is needed; `example` is what follows
/// "strata [devices] NOUN " (with "--device-sid board-1" put in).
CLI::App& AddSettingVerb(CLI::App& noun,
                         Session& session,
                         SettingOptions& options,
                         const std::string& name,
                         const std::string& description,
                         const std::string& example);

void AddKeyOption(CLI::App& verb, SettingOptions& options);
void AddValueOptions(CLI::App& verb, SettingOptions& options);

void AddCreateSetting(CLI::App& noun, Session& session, SettingStore store);
void AddListSettings(CLI::App& noun, Session& session, SettingStore store);
void AddFetchSetting(CLI::App& noun, Session& session, SettingStore store);
void AddUpdateSetting(CLI::App& noun, Session& session, SettingStore store);
void AddRemoveSetting(CLI::App& noun, Session& session, SettingStore store);

/// The noun itself and all its verbs, below `parent`.
void AddSettings(CLI::App& parent, Session& session, SettingStore store);

}  // namespace strata::cli
