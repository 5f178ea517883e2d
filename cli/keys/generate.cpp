// SPDX-License-Identifier: Apache-2.0
#include "keys/keys.hpp"
#include "support/key_files.hpp"
#include "support/output.hpp"

namespace strata::cli {
namespace {

KeyType TypeOf(const std::string& name) {
  if (name == "layer") {
    return KeyType::kLayer;
  }
  if (name == "rotation") {
    return KeyType::kRotation;
  }
  if (name == "receiver") {
    return KeyType::kReceiver;
  }
  return name == "debug" ? KeyType::kDebug : KeyType::kManifestSigner;
}

}  // namespace

Outcome RunGenerateKey(const GenerateKeyOptions& options, Session& session) {
  const Overwrite overwrite = options.force ? Overwrite::kReplace : Overwrite::kRefuse;
  std::error_code error;
  if (!options.force && std::filesystem::exists(options.out, error)) {
    return Local(Code::kAlreadyExists,
                 options.out + ": exists already",
                 "choose another file name or add --force");
  }
  STRATA_TRY_ASSIGN(const PublicKey key, GenerateKeyFiles(options.out, overwrite));
  const std::string id = bundle::KeyIdText(bundle::KeyIdOf(TypeOf(options.type), key));
  const JsonObject record{{"keyId", id},
                          {"type", options.type},
                          {"file", options.out},
                          {"publicFile", PublicFileOf(options.out).string()}};
  WriteRecords(session, {record}, "keyId,type,file,publicFile");
  return Done{};
}

void AddGenerateKey(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "generate",
                           "Make a P-256 key pair: FILE (private, 0600) and FILE.pub",
                           "strata keys generate signing --out release.pem");
  auto options = std::make_shared<GenerateKeyOptions>();
  verb.add_option("TYPE", options->type, "signing, layer, rotation, receiver or debug")
      ->required()
      ->check(CLI::IsMember({"signing", "layer", "rotation", "receiver", "debug"}));
  verb.add_option("--out", options->out, "File for the private key")->required();
  verb.add_flag("--force", options->force, "Overwrite existing files");
  Bind(verb, session, options, RunGenerateKey);
}

}  // namespace strata::cli
