// SPDX-License-Identifier: Apache-2.0
#include "keys/keys.hpp"
#include "support/key_files.hpp"
#include "support/output.hpp"

namespace strata::cli {

Outcome RunRegisterKey(const RegisterKeyOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const PublicKey key, LoadPublicKey(options.file));
  STRATA_TRY_ASSIGN(const std::string pem, Lift(bundle::PublicKeyToPem(key)));
  Fields form{{"PublicKey", pem}, {"Type", options.type}};
  if (!options.friendly_name.empty()) {
    form.emplace_back("FriendlyName", options.friendly_name);
  }
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject answer, api.Post("/v1/Keys", form));
  WriteResource(session, answer, "keyId,type,friendlyName");
  return Done{};
}

void AddRegisterKey(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(
      noun,
      session,
      "register",
      "Make a signing key known to the account, so that it accepts bundles signed by it, or "
      "a rotation key, so that it accepts key changes",
      "strata keys register release.pem.pub --friendly-name release");
  auto options = std::make_shared<RegisterKeyOptions>();
  verb.add_option("PUB", options->file, "PEM file of the public key")->required();
  verb.add_option("--type", options->type, "signing or rotation")
      ->check(CLI::IsMember({"signing", "rotation"}))
      ->capture_default_str();
  verb.add_option(
      "--friendly-name", options->friendly_name, "A name for people, up to 64 characters");
  Bind(verb, session, options, RunRegisterKey);
}

}  // namespace strata::cli
