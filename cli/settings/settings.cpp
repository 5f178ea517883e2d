// SPDX-License-Identifier: Apache-2.0
#include "settings/settings.hpp"

#include <array>

#include "support/files.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

constexpr const char* kStandardInput = "-";

/// `key` as the cloud's path names it and no other: ".json" alone could be left out of it there,
/// and removing `a.json` a second time would remove `a`.
std::string SegmentOf(const std::string& key) {
  constexpr std::string_view kSuffix = ".json";
  if (!key.ends_with(kSuffix)) {
    return PercentEncode(key);
  }
  return PercentEncode(key.substr(0, key.size() - kSuffix.size())) + "%2Ejson";
}

/// Editors and echo end a file with a line end that nobody means.
std::string WithoutLineEnd(std::string_view text) {
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  if (text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  return std::string(text);
}

Expected<std::string> ReadStandardInput(Session& session, bool secret) {
  if (session.context.in_is_tty) {
    return Ask(session.context, "Value", secret);
  }
  std::string text;
  std::array<char, 4096> piece{};
  std::istream& in = session.context.in;
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxTextFileBytes) {
      return Local(Code::kTooLarge, "standard input: is larger than a value may be");
    }
  }
  return WithoutLineEnd(text);
}

}  // namespace

Expected<std::string> CollectionPath(const SettingOptions& options) {
  const std::string collection = options.store.secret ? "Secrets" : "Configs";
  if (!options.store.of_device) {
    return "/v1/" + collection;
  }
  if (options.device.empty()) {
    return Usage("name the device with --device-sid SID_OR_NAME");
  }
  return "/v1/Devices/" + PercentEncode(options.device) + "/" + collection;
}

Expected<std::string> SettingPath(const SettingOptions& options) {
  if (options.key.empty()) {
    return Usage("name the key with --key KEY");
  }
  STRATA_TRY_ASSIGN(const std::string collection, CollectionPath(options));
  return collection + "/" + SegmentOf(options.key);
}

Expected<std::string> GivenValue(const SettingOptions& options, Session& session) {
  if (options.value) {
    return *options.value;
  }
  if (options.value_file.empty()) {
    return Usage("give the value with --value-file FILE (- for standard input) or --value VALUE");
  }
  if (options.value_file == kStandardInput) {
    return ReadStandardInput(session, options.store.secret);
  }
  STRATA_TRY_ASSIGN(const SecretText text, ReadSecretFile(options.value_file));
  return WithoutLineEnd(text.view());
}

CLI::App& AddSettingVerb(CLI::App& noun,
                         Session& session,
                         SettingOptions& options,
                         const std::string& name,
                         const std::string& description,
                         const std::string& example) {
  const SettingStore store = options.store;
  const std::string command = std::string(store.of_device ? "strata devices " : "strata ") +
                              std::string(store.Noun()) + " " + name +
                              (store.of_device ? " --device-sid board-1" : "");
  CLI::App& verb =
      AddVerb(noun, session, name, description, command + (example.empty() ? "" : " ") + example);
  if (store.of_device) {
    verb.add_option("--device-sid", options.device, "SID or unique name of the device")->required();
  }
  return verb;
}

void AddKeyOption(CLI::App& verb, SettingOptions& options) {
  auto* option = verb.add_option("--key", options.key, "The key, 1 to 100 characters");
  verb.add_option("KEY", options.key, "The same, without --key")->excludes(option);
}

void AddValueOptions(CLI::App& verb, SettingOptions& options) {
  const bool secret = options.store.secret;
  auto* value = verb.add_option("--value",
                                options.value,
                                secret ? "The value. Other users of this machine can read command "
                                         "lines, and the shell keeps them: use --value-file"
                                       : "The value, up to 4096 characters");
  verb.add_option("--value-file",
                  options.value_file,
                  "File that holds the value; - reads standard input, or asks on a terminal. One "
                  "line end at its end is left out")
      ->excludes(value);
}

void AddSettings(CLI::App& parent, Session& session, SettingStore store) {
  const std::string of = store.of_device ? "one device reads" : "all the account's devices read";
  CLI::App& noun = *parent.add_subcommand(
      std::string(store.Noun()),
      (store.secret ? "Values that only devices can read back: " : "Values: ") + of + " them");
  noun.require_subcommand(1);
  AddCreateSetting(noun, session, store);
  AddListSettings(noun, session, store);
  AddFetchSetting(noun, session, store);
  AddUpdateSetting(noun, session, store);
  AddRemoveSetting(noun, session, store);
}

}  // namespace strata::cli
