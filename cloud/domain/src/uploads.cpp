// SPDX-License-Identifier: Apache-2.0
#include "uploads.hpp"

#include <algorithm>
#include <utility>

#include "strata/core/hardware.hpp"
#include "strata/format/bundle/keys.hpp"

#include "api_errors.hpp"

namespace strata::cloud {
namespace {

ApiError FromBundle(const bundle::Failure& failure) {
  const Code code = failure.error.code;
  if (code == Code::kBundleTooLarge) {
    return UploadTooLarge();
  }
  if (code == Code::kIo || code == Code::kInternal || code == Code::kCryptoFailed) {
    return ServerFailed("upload", failure.error);
  }
  return BundleRefused(failure);
}

ApiError Unsigned() {
  return {400,
          65002,
          "the bundle is not signed; sign it with strata bundle sign, or create it with "
          "strata bundle create --sign KEY.pem, and upload it again; or let the cloud sign for "
          "development devices with strata accounts update --development-signing on"};
}

ApiError UnknownSigner(KeyId signer) {
  return {400,
          65003,
          "the bundle is signed with key " + bundle::KeyIdText(signer) +
              ", which is not registered with this account; register its public half with "
              "strata keys register PUB.pem, or sign with a registered key"};
}

ApiError RevokedSigner(KeyId signer) {
  return {400,
          65003,
          "the bundle is signed with key " + bundle::KeyIdText(signer) +
              ", which was revoked; sign it with another key of strata keys list and upload it "
              "again"};
}

bool IsUnsigned(const bundle::SealedManifest& manifest) {
  return manifest.signer == KeyId::kNone || !manifest.signature;
}

ApiOutcome CheckSignature(const bundle::SealedManifest& manifest, const FindSigner& find_signer) {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<SigningKey> key, find_signer(manifest.signer));
  if (!key || key->type != KeyType::kManifestSigner) {
    return UnknownSigner(manifest.signer);
  }
  if (key->revoked) {
    return RevokedSigner(manifest.signer);
  }
  const bundle::Outcome verified = bundle::VerifyManifest(manifest, key->public_key);
  return verified.ok() ? ApiOutcome(Empty{}) : FromBundle(verified.failure());
}

ApiOutcome CheckHardware(const bundle::AppBody& body) {
  if (body.hardware_type.empty()) {
    return Empty{};  // a legacy tool did not say: the device checks its own geometry
  }
  const HardwareProfile* profile = FindHardwareProfile(body.hardware_type);
  if (profile == nullptr) {
    return BundleRefused(bundle::MakeFailure(
        Code::kHardwareMismatch, Op::kCheckManifest, "this cloud does not know its hardware type"));
  }
  const bundle::Outcome fits = bundle::CheckAgainstHardware(body, *profile);
  return fits.ok() ? ApiOutcome(Empty{}) : FromBundle(fits.failure());
}

ApiError BlobsFailed(Error error) {
  // Whatever the disk's reason, the client's answer is the same: later.
  return ServerFailed("blobs", Fail(Code::kTooLarge, error.op, error.detail));
}

ApiOutcome WriteLayer(const CheckedBundle& checked, const StoredLayer& layer, Blobs& blobs) {
  auto writer = blobs.Create();
  if (!writer.ok()) {
    return BlobsFailed(writer.error());
  }
  Status written;
  const bundle::Outcome read =
      checked.reader.ReadLayer(layer.digest, [&](ByteSpan piece) -> bundle::Outcome {
        written = (*writer)->Write(piece);
        return written.ok() ? bundle::Outcome(bundle::Done{})
                            : bundle::MakeFailure(Code::kIo, Op::kWriteFile);
      });
  if (!written.ok()) {
    return BlobsFailed(written.error());
  }
  if (!read.ok()) {
    return FromBundle(read.failure());
  }
  const Status committed = (*writer)->Commit(layer.digest);
  return committed.ok() ? ApiOutcome(Empty{}) : BlobsFailed(committed.error());
}

/// False: it is damaged and was put away, or it is gone by now.
ApiResult<bool> KeepIfWhole(const Digest& digest, Blobs& blobs) {
  const auto condition = blobs.Check(digest);
  if (!condition.ok()) {
    return BlobsFailed(condition.error());
  }
  if (*condition == Blobs::Condition::kMissing) {
    return false;
  }
  // As new, so that it does not go before the upload's metadata names it.
  const Status done =
      *condition == Blobs::Condition::kWhole ? blobs.Touch(digest) : blobs.Quarantine(digest);
  if (!done.ok() && done.error().code != Code::kNotFound) {
    return BlobsFailed(done.error());
  }
  return done.ok() && *condition == Blobs::Condition::kWhole;
}

ApiOutcome StoreLayer(const CheckedBundle& checked, const StoredLayer& layer, Blobs& blobs) {
  const auto found = blobs.Find(layer.digest);
  if (!found.ok()) {
    return BlobsFailed(found.error());
  }
  if (found->has_value()) {
    STRATA_CLOUD_TRY_ASSIGN(const bool kept, KeepIfWhole(layer.digest, blobs));
    if (kept) {
      return Empty{};
    }
  }
  return WriteLayer(checked, layer, blobs);
}

}  // namespace

ApiResult<CheckedBundle> CheckBundle(const std::string& path,
                                     const FindSigner& find_signer,
                                     const SignUnsigned& sign) {
  auto source = FileSource::Open(path);
  if (!source.ok()) {
    return FromBundle(source.failure());
  }
  if ((*source)->size() > bundle::kMaxBundleBytes) {
    return UploadTooLarge();
  }
  auto reader = bundle::BundleReader::Open(**source);
  if (!reader.ok()) {
    return FromBundle(reader.failure());
  }
  const bool came_unsigned = IsUnsigned(reader->manifest());
  if (came_unsigned && !sign) {
    return Unsigned();
  }
  if (!came_unsigned) {
    STRATA_CLOUD_TRY(CheckSignature(reader->manifest(), find_signer));
  }
  STRATA_CLOUD_TRY(CheckHardware(reader->body()));
  if (const bundle::Outcome whole = reader->CheckLayers(); !whole.ok()) {
    return FromBundle(whole.failure());
  }
  std::vector<StoredLayer> layers;
  for (const bundle::LayerEntry& entry : reader->entries()) {
    layers.push_back({entry.digest, entry.uncompressed_bytes});
  }
  bundle::SealedManifest manifest = reader->manifest();
  std::vector<std::uint8_t> manifest_bytes = reader->manifest_bytes();
  if (came_unsigned) {
    STRATA_CLOUD_TRY_ASSIGN(manifest, sign(manifest.body));
    manifest_bytes = bundle::SerializeManifest(manifest);
  }
  return CheckedBundle{std::move(source).value(),
                       std::move(reader).value(),
                       std::move(layers),
                       std::move(manifest),
                       std::move(manifest_bytes)};
}

ApiOutcome StoreLayers(const CheckedBundle& checked, Blobs& blobs) {
  for (const StoredLayer& layer : checked.layers) {
    STRATA_CLOUD_TRY(StoreLayer(checked, layer, blobs));
  }
  return Empty{};
}

void Describe(const CheckedBundle& checked, App& app) {
  const bundle::AppBody& body = checked.reader.body();
  app.manifest_hash = bundle::Sha256(checked.manifest_bytes);
  app.app_version = body.app_version;
  app.hardware_type = body.hardware_type;
  app.signer = checked.manifest.signer;
  app.encrypted = std::any_of(body.layers.begin(), body.layers.end(), [](const auto& layer) {
    return layer.encrypted_with != KeyId::kNone;
  });
  app.layer_count = static_cast<std::uint32_t>(body.layers.size());
  app.size_bytes = 0;
  for (const StoredLayer& layer : checked.layers) {
    app.size_bytes += layer.size_bytes;
  }
}

std::vector<std::string> WarningsFor(const App& app, bool development) {
  std::vector<std::string> warnings;
  if (development) {
    warnings.emplace_back(
        "the app is signed with the account's development key, which the cloud holds; only devices "
        "that were provisioned with --development run it");
  }
  if (app.encrypted) {
    warnings.emplace_back(
        "the layers are encrypted, so the cloud can't check their measurement_hash; each device "
        "checks it after decrypting, before it installs anything");
  }
  return warnings;
}

}  // namespace strata::cloud
