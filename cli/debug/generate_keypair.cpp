// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "debug/debug.hpp"
#include "support/key_files.hpp"
#include "support/output.hpp"

namespace strata::cli {

Outcome RunGenerateDebugKeys(const GenerateDebugKeysOptions& options, Session& session) {
  const Overwrite overwrite = options.force ? Overwrite::kReplace : Overwrite::kRefuse;
  std::error_code error;
  for (const std::string& file : {options.private_key, options.public_key}) {
    if (!options.force && std::filesystem::exists(file, error)) {
      return Local(Code::kAlreadyExists,
                   file + ": exists already",
                   "choose other file names or add --force");
    }
  }
  STRATA_TRY_ASSIGN(const PublicKey key,
                    GenerateKeyPair(options.private_key, options.public_key, overwrite));
  const JsonObject record{{"keyId", bundle::KeyIdText(bundle::KeyIdOf(KeyType::kDebug, key))},
                          {"file", options.private_key},
                          {"publicFile", options.public_key}};
  WriteRecords(session, {record}, "keyId,file,publicFile");
  return Done{};
}

void AddDebug(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(
      noun,
      session,
      "generate_keypair",
      "Make the keys that let you debug an app: the public one goes into its bundle",
      "strata debug generate_keypair --debug-auth-privkey dbg.pem --debug-auth-pubkey dbg.pub");
  verb.alias("generate-keypair");
  auto options = std::make_shared<GenerateDebugKeysOptions>();
  verb.add_option("--debug-auth-privkey", options->private_key, "File for the private key")
      ->capture_default_str();
  verb.add_option("--debug-auth-pubkey", options->public_key, "File for the public key")
      ->capture_default_str();
  verb.add_flag("--force", options->force, "Overwrite existing files");
  Bind(verb, session, options, RunGenerateDebugKeys);
}

}  // namespace strata::cli
