// SPDX-License-Identifier: Apache-2.0
#include "accounts/accounts.hpp"
#include "support/output.hpp"

namespace strata::cli {

Outcome RunUpdateAccount(const UpdateAccountOptions& options, Session& session) {
  Fields form;
  if (options.friendly_name) {
    form.emplace_back("FriendlyName", *options.friendly_name);
  }
  if (!options.development_signing.empty()) {
    form.emplace_back("DevelopmentSigning", options.development_signing == "on" ? "true" : "false");
  }
  if (form.empty()) {
    return Usage("nothing to change: give --development-signing on|off or --friendly-name");
  }
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject account, api.Post("/v1/Account", form));
  WriteResource(session, account, "sid,friendlyName,developmentSigning");
  const std::string signer = TextField(ObjectField(account, "development_signer"), "key_id");
  if (options.development_signing == "on" && !signer.empty()) {
    session.Info("The cloud signs unsigned uploads with its key " + signer +
                 "; only devices provisioned with --development run them");
  }
  return Done{};
}

void AddUpdateAccount(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "update",
                           "Rename the account, or let the cloud sign uploads for development",
                           "strata accounts update --development-signing on");
  auto options = std::make_shared<UpdateAccountOptions>();
  verb.add_option("--development-signing",
                  options->development_signing,
                  "on: the cloud signs unsigned uploads with a key of its own, for devices "
                  "provisioned with --development; off: it refuses them")
      ->check(CLI::IsMember({"on", "off"}));
  verb.add_option(
      "--friendly-name", options->friendly_name, "Name for people, up to 64 characters");
  Bind(verb, session, options, RunUpdateAccount);
}

}  // namespace strata::cli
