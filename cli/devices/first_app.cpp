// SPDX-License-Identifier: Apache-2.0
#include "devices/first_app.hpp"

#include <algorithm>

#include "strata/core/hardware.hpp"
#include "strata/format/bundle/reader.hpp"

#include "support/text.hpp"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;

std::string HexOfDigest(const Digest& digest) {
  const auto hex = digest.ToHexText();
  return {hex.data(), hex.size()};
}

Outcome CheckSignedByOne(const bundle::SealedManifest& manifest,
                         const std::vector<NamedPem>& signers,
                         const std::string& file) {
  const std::string signer = bundle::KeyIdText(manifest.signer);
  const auto found = std::find_if(
      signers.begin(), signers.end(), [&](const NamedPem& each) { return each.name == signer; });
  if (manifest.signature && found == signers.end()) {
    return Local(Code::kSignerUnknown,
                 file + ": signed by " + signer + ", which the device does not trust",
                 "name the signer's public key with --signer");
  }
  if (found == signers.end()) {
    return Local(Code::kManifestUnsigned, file + ": it is not signed");
  }
  STRATA_TRY_ASSIGN(const PublicKey key, Lift(bundle::PublicKeyFromPem(found->pem.view())));
  STRATA_TRY(Lift(bundle::VerifyManifest(manifest, key), file));
  return Done{};
}

Expected<std::string> FindAppOf(const Digest& manifest_hash, const std::string& file, Api& api) {
  ListRequest all;
  all.limit = std::nullopt;
  STRATA_TRY_ASSIGN(const std::vector<JsonObject> apps, api.List("/v1/Apps", "apps", all));
  const std::string hash = "sha256:" + HexOfDigest(manifest_hash);
  const auto found = std::find_if(apps.begin(), apps.end(), [&hash](const JsonObject& app) {
    return TextField(app, "hash") == hash;
  });
  if (found == apps.end()) {
    return Local(Code::kNotFound,
                 file + ": the account has no app of this bundle",
                 "upload it with strata apps create " + file);
  }
  return TextField(*found, "sid");
}

Outcome UnpackParts(const std::string& bundle_file, const FirstApp& app, const fs::path& folder) {
  STRATA_TRY_ASSIGN(const std::unique_ptr<bundle::ByteSource> source, OpenBundleFile(bundle_file));
  STRATA_TRY_ASSIGN(const bundle::BundleReader reader,
                    Lift(bundle::BundleReader::Open(*source), bundle_file));
  STRATA_TRY(MakePrivateDirectory(folder));
  STRATA_TRY(WriteFile(folder / HexOfDigest(app.manifest_hash),
                       AsText(reader.manifest_bytes()),
                       kPrivateFile,
                       Overwrite::kReplace));
  for (const bundle::LayerEntry& entry : reader.entries()) {
    std::string bytes;
    STRATA_TRY(Lift(reader.ReadLayer(entry.digest,
                                     [&bytes](ByteSpan piece) -> bundle::Outcome {
                                       bytes += AsText(piece);
                                       return bundle::Done{};
                                     }),
                    bundle_file));
    STRATA_TRY(
        WriteFile(folder / HexOfDigest(entry.digest), bytes, kPrivateFile, Overwrite::kReplace));
  }
  return Done{};
}

/// Beside this program, else what the PATH has.
std::string DeviceProgram() {
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path() / "strata-device";
  return !error && fs::is_regular_file(beside, error) ? beside.string() : "strata-device";
}

}  // namespace

Expected<FirstApp> CheckFirstApp(const std::string& bundle_file,
                                 const std::vector<NamedPem>& signers,
                                 const std::string& hardware,
                                 Api& api) {
  STRATA_TRY_ASSIGN(const std::unique_ptr<bundle::ByteSource> source, OpenBundleFile(bundle_file));
  STRATA_TRY_ASSIGN(const bundle::BundleReader reader,
                    Lift(bundle::BundleReader::Open(*source), bundle_file));
  STRATA_TRY(CheckSignedByOne(reader.manifest(), signers, bundle_file));
  STRATA_TRY(Lift(reader.CheckLayers(), bundle_file));
  const std::string& made_for = reader.body().hardware_type;
  if (!made_for.empty() && made_for != hardware) {
    return Local(Code::kHardwareMismatch,
                 bundle_file + ": made for " + made_for + ", the device is a " + hardware);
  }
  STRATA_TRY(Lift(bundle::CheckAgainstHardware(reader.body(), *FindHardwareProfile(hardware)),
                  bundle_file));
  FirstApp app{.sid = {}, .manifest_hash = bundle::Sha256(reader.manifest_bytes())};
  STRATA_TRY_ASSIGN(app.sid, FindAppOf(app.manifest_hash, bundle_file, api));
  return app;
}

Outcome InstallFirstApp(const FirstApp& app,
                        const std::string& bundle_file,
                        const std::string& sid,
                        const fs::path& directory,
                        Api& api,
                        const Session& session) {
  const fs::path parts = directory / "first-app";
  STRATA_TRY(UnpackParts(bundle_file, app, parts));
  STRATA_TRY_ASSIGN(const JsonObject device,
                    api.Post("/v1/Devices/" + PercentEncode(sid), {{"TargetApp", app.sid}}));
  const JsonObject target = ObjectField(device, "app");
  const std::string hash = HexOfDigest(app.manifest_hash);
  if (TextField(target, "target_hash") != "sha256:" + hash) {
    return Local(Code::kCloudProtocol, "the cloud's answer names another app than was asked for");
  }
  const Expected<int> ended = session.context.run_program({DeviceProgram(),
                                                           "install",
                                                           "--dir",
                                                           directory.string(),
                                                           "--parts",
                                                           parts.string(),
                                                           "--app",
                                                           app.sid,
                                                           "--manifest",
                                                           hash,
                                                           "--deployment",
                                                           TextField(target, "deployment_id")},
                                                          false);
  if (!ended.ok()) {
    return ended.error();
  }
  if (ended.value() != 0) {
    return Local(Code::kInternal,
                 "strata-device did not install " + bundle_file + "; it said why above",
                 "mend that and provision the device again");
  }
  std::error_code error;
  fs::remove_all(parts, error);
  if (error) {
    return Local(Code::kIo, parts.string() + ": can't be removed");
  }
  return Done{};
}

}  // namespace strata::cli
