// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/create.hpp"

#include <algorithm>
#include <set>

#include "layer_cipher.hpp"
#include "layer_length.hpp"
#include "layout.hpp"
#include "manifest_rules.hpp"
#include "parallel.hpp"
#include "sha256.hpp"
#include "try.hpp"
#include "zip.hpp"

namespace strata::bundle {
namespace {

constexpr std::string_view kManifestName = "manifest";

std::string NameOf(const Digest& digest) {
  const auto text = digest.ToHexText();
  return {text.data(), text.size()};
}

// One layer on its way into the bundle.
struct Work {
  PlannedLayer plan;
  std::vector<std::uint8_t> sealed;  // empty: in clear

  [[nodiscard]] ByteSpan stored() const { return sealed.empty() ? plan.bytes : ByteSpan(sealed); }
};

// Everything about a layer but its digests.
Layer Describe(const PlannedLayer& plan, const CreateRequest& request) {
  Layer layer;
  layer.placement = plan.placement;
  layer.plaintext_bytes = static_cast<std::uint32_t>(plan.bytes.size());
  layer.fetch_bytes = layer.plaintext_bytes;
  if (request.layer_key) {
    layer.encrypted_with = KeyIdOf(KeyType::kLayer, request.layer_key->public_key);
    layer.fetch_bytes =
        static_cast<std::uint32_t>(EncryptedLength(plan.bytes.size(), kMaxChunkBytes));
  }
  return layer;
}

Outcome Prepare(const CreateRequest& request, Work& work, Layer& layer) {
  Sha256Hasher hasher;
  hasher.Update(work.plan.bytes);
  Sha256Hasher measured(hasher);
  measured.UpdateErased(layer.placement.size_bytes - work.plan.bytes.size());
  layer.measurement_digest = measured.Finish();
  if (!request.layer_key) {
    layer.fetch_digest = hasher.Finish();
    return Done{};
  }
  BUNDLE_TRY_ASSIGN(work.sealed,
                    EncryptLayer(*request.layer_key, layer.placement, work.plan.bytes));
  layer.fetch_digest = Sha256(work.sealed);
  return Done{};
}

// The zip's layer entries: one for each distinct layer, in the order of the manifest.
Expected<std::vector<PackedEntry>> PackLayers(const std::vector<Work>& works,
                                              const AppBody& body,
                                              unsigned threads) {
  std::vector<std::size_t> distinct;
  std::set<Digest> seen;
  for (std::size_t i = 0; i < works.size(); ++i) {
    if (seen.insert(body.layers[i].fetch_digest).second) {
      distinct.push_back(i);
    }
  }
  std::vector<PackedEntry> entries(distinct.size());
  BUNDLE_TRY(ParallelFor(distinct.size(), threads, [&](std::size_t i) -> Outcome {
    const std::size_t from = distinct[i];
    BUNDLE_TRY_ASSIGN(entries[i],
                      PackEntry(NameOf(body.layers[from].fetch_digest), works[from].stored()));
    return Done{};
  }));
  return entries;
}

Expected<SealedManifest> Seal(std::vector<std::uint8_t> body, const PrivateKey* signing_key) {
  SealedManifest manifest;
  manifest.body = std::move(body);
  if (signing_key != nullptr) {
    BUNDLE_TRY_ASSIGN(manifest.signature, signing_key->Sign(kManifestPrefix, manifest.body));
    manifest.signer = KeyIdOf(KeyType::kManifestSigner, signing_key->public_key());
  }
  return manifest;
}

// Adds the manifest to the layers and writes the file.
Expected<std::vector<std::uint8_t>> Finish(std::vector<PackedEntry> entries,
                                           const SealedManifest& manifest) {
  const std::vector<std::uint8_t> bytes = SerializeManifest(manifest);
  if (bytes.size() > kMaxManifestBytes) {
    return MakeFailure(Code::kManifestTooLarge, Op::kNone);
  }
  BUNDLE_TRY_ASSIGN(PackedEntry entry, PackEntry(std::string(kManifestName), bytes));
  entries.push_back(std::move(entry));
  return WriteZip(entries);
}

// The layers of `zip`, as they are packed there, under another manifest.
Expected<std::vector<std::uint8_t>> WithLayersOf(ByteSpan zip,
                                                 const ByteSource& source,
                                                 const SealedManifest& manifest) {
  BUNDLE_TRY_ASSIGN(const auto directory, ReadZipDirectory(source));
  std::vector<PackedEntry> entries;
  for (const ZipEntry& entry : directory) {
    if (entry.name == kManifestName) {
      continue;
    }
    const ByteSpan data =
        zip.subspan(static_cast<std::size_t>(entry.data_offset), entry.compressed_bytes);
    entries.push_back({entry.name,
                       entry.method,
                       entry.crc32,
                       entry.uncompressed_bytes,
                       {data.begin(), data.end()}});
  }
  return Finish(std::move(entries), manifest);
}

}  // namespace

Expected<CreatedBundle> CreateBundle(const CreateRequest& request, unsigned threads) {
  if (request.profile == nullptr) {
    return MakeFailure(Code::kInvalidArgument, Op::kNone, "no hardware profile");
  }
  BUNDLE_TRY_ASSIGN(const auto plan, PlanLayers(request));
  AppBody body = request.policies;
  body.hardware_type = request.profile->name;
  body.layers.clear();
  std::vector<Work> works;
  for (const PlannedLayer& layer : plan) {
    body.layers.push_back(Describe(layer, request));
    works.push_back({layer, {}});
  }
  // Placements and policies are refused before any work is done; the sum of distinct layers is
  // known only after.
  BUNDLE_TRY(CheckBody(body));
  BUNDLE_TRY(CheckAgainstHardware(body, *request.profile));
  BUNDLE_TRY(ParallelFor(works.size(), threads, [&](std::size_t i) -> Outcome {
    return Prepare(request, works[i], body.layers[i]);
  }));
  BUNDLE_TRY(CheckAgainstHardware(body, *request.profile));

  BUNDLE_TRY_ASSIGN(SealedManifest manifest, Seal(SerializeBody(body), request.signing_key));
  BUNDLE_TRY_ASSIGN(std::vector<PackedEntry> entries, PackLayers(works, body, threads));
  BUNDLE_TRY_ASSIGN(std::vector<std::uint8_t> zip, Finish(std::move(entries), manifest));
  return CreatedBundle{std::move(zip), std::move(manifest), std::move(body)};
}

Expected<std::vector<std::uint8_t>> SignBundle(ByteSpan zip, const PrivateKey& signing_key) {
  const auto source = MemorySource(zip);
  BUNDLE_TRY_ASSIGN(const BundleReader reader, BundleReader::Open(*source));
  BUNDLE_TRY(reader.CheckLayers());
  BUNDLE_TRY_ASSIGN(const SealedManifest manifest, Seal(reader.manifest().body, &signing_key));
  return WithLayersOf(zip, *source, manifest);
}

Expected<std::vector<std::uint8_t>> ReplaceManifest(ByteSpan zip, ByteSpan manifest_bytes) {
  const auto source = MemorySource(zip);
  BUNDLE_TRY_ASSIGN(const BundleReader reader, BundleReader::Open(*source));
  BUNDLE_TRY(reader.CheckLayers());
  BUNDLE_TRY_ASSIGN(const SealedManifest manifest, ParseManifest(manifest_bytes));
  if (manifest.body != reader.manifest().body) {
    return MakeFailure(
        Code::kManifestHashMismatch, Op::kVerify, "the manifest is another bundle's");
  }
  return WithLayersOf(zip, *source, manifest);
}

}  // namespace strata::bundle
