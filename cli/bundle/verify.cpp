// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/reader.hpp"

#include "bundle/bundle.hpp"
#include "bundle/describe.hpp"
#include "support/key_files.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

Expected<PublicKey> TrustedKey(const VerifyBundleOptions& options, const Session& session) {
  if (!options.key.empty()) {
    return LoadPublicKey(options.key);
  }
  STRATA_TRY_ASSIGN(const bundle::PrivateKey key,
                    DefaultSigningKey(session, "name the signer's key with --key PUB.pem"));
  return key.public_key();
}

Outcome CheckSigner(const bundle::SealedManifest& manifest,
                    const PublicKey& key,
                    const std::string& file) {
  const KeyId trusted = bundle::KeyIdOf(KeyType::kManifestSigner, key);
  if (manifest.signature && manifest.signer != trusted) {
    return Local(Code::kSignerUnknown,
                 file + ": signed by " + bundle::KeyIdText(manifest.signer) +
                     ", not by the trusted key " + bundle::KeyIdText(trusted),
                 "name the signer's own public key with --key");
  }
  STRATA_TRY(Lift(bundle::VerifyManifest(manifest, key), file));
  return Done{};
}

/// * kUnsupported: made for hardware that this version does not know, so its placements can't be
/// checked.
Outcome CheckHardware(const bundle::AppBody& body,
                      const Session& session,
                      const std::string& file) {
  if (body.hardware_type.empty()) {
    session.Warn(file + ": says no hardware type; placements are not checked against a device");
    return Done{};
  }
  const HardwareProfile* profile = FindHardwareProfile(body.hardware_type);
  if (profile == nullptr) {
    return Local(
        Code::kUnsupported,
        file + ": made for hardware '" + body.hardware_type + "', which has no profile here");
  }
  STRATA_TRY(Lift(bundle::CheckAgainstHardware(body, *profile), file));
  return Done{};
}

}  // namespace

Outcome RunVerifyBundle(const VerifyBundleOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const PublicKey key, TrustedKey(options, session));
  STRATA_TRY_ASSIGN(const std::unique_ptr<bundle::ByteSource> source, OpenBundleFile(options.file));
  STRATA_TRY_ASSIGN(const bundle::BundleReader reader,
                    Lift(bundle::BundleReader::Open(*source), options.file));
  STRATA_TRY(CheckSigner(reader.manifest(), key, options.file));
  STRATA_TRY(Lift(reader.CheckLayers(), options.file));
  STRATA_TRY(CheckHardware(reader.body(), session, options.file));
  if (session.common.OutputFormat() == Format::kColumns) {
    session.context.out << Printable(options.file) << ": verified. "
                        << Printable(
                               BundleSummary(source->size(), reader.manifest(), reader.body()))
                        << '\n';
    return Done{};
  }
  JsonObject record = BundleRecord(
      options.file, source->size(), reader.manifest_bytes(), reader.manifest(), reader.body());
  record["verified"] = true;
  WriteRecords(session, {record}, "file,verified,signerId");
  return Done{};
}

void AddVerifyBundle(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "verify",
                           "Check form, signature, layers and placements of a bundle",
                           "strata bundle verify app.zip --key release.pem.pub");
  auto options = std::make_shared<VerifyBundleOptions>();
  verb.add_option("FILE", options->file, "The bundle")->required();
  verb.add_option(
      "--key", options->key, "Public key of the trusted signer (default: the profile's)");
  Bind(verb, session, options, RunVerifyBundle);
}

}  // namespace strata::cli
