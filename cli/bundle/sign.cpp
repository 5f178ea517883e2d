// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/create.hpp"
#include "strata/format/bundle/reader.hpp"

#include "bundle/bundle.hpp"
#include "support/key_files.hpp"
#include "support/output.hpp"

namespace strata::cli {

Outcome RunSignBundle(const SignBundleOptions& options, Session& session) {
  Expected<bundle::PrivateKey> key = options.signing_key.empty()
                                         ? DefaultSigningKey(session, "give --sign KEY.pem")
                                         : LoadPrivateKey(options.signing_key);
  if (!key.ok()) {
    return key.error();
  }
  STRATA_TRY(OpenBundleFile(options.in));
  STRATA_TRY_ASSIGN(const std::vector<std::uint8_t> zip,
                    ReadFile(options.in, bundle::kMaxBundleBytes));
  STRATA_TRY_ASSIGN(const std::vector<std::uint8_t> signed_zip,
                    Lift(bundle::SignBundle(zip, key.value()), options.in));
  STRATA_TRY(WriteFile(options.out, AsText(signed_zip), kPublicFile, Overwrite::kReplace));
  const KeyId signer = bundle::KeyIdOf(KeyType::kManifestSigner, key.value().public_key());
  if (session.common.OutputFormat() == Format::kColumns) {
    session.context.out << "Bundle written to file: " << options.out << '\n';
    return Done{};
  }
  const JsonObject record{{"file", options.out}, {"signerId", bundle::KeyIdText(signer)}};
  WriteRecords(session, {record}, "file,signerId");
  return Done{};
}

void AddSignBundle(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "sign",
                           "Sign a bundle, or replace its signature",
                           "strata bundle sign legacy.zip signed.zip --sign release.pem");
  auto options = std::make_shared<SignBundleOptions>();
  verb.add_option("IN", options->in, "The bundle to sign")->required();
  verb.add_option("OUT", options->out, "The bundle to write")->required();
  verb.add_option("--sign", options->signing_key, "Signing key (default: the profile's)");
  Bind(verb, session, options, RunSignBundle);
}

}  // namespace strata::cli
