// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/reader.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "encrypted_form.hpp"
#include "layer_length.hpp"
#include "sha256.hpp"
#include "try.hpp"
#include "zip.hpp"

namespace strata::bundle {
namespace {

constexpr std::string_view kManifestName = "manifest";

// All layers unpacked, and all placements measured, cost at most this much work, whatever the file
// claims. The largest hardware profile has 80 MiB.
constexpr std::uint64_t kMaxUnpackedBytes = 4 * kMaxBundleBytes;

class SpanSource final : public ByteSource {
 public:
  explicit SpanSource(ByteSpan bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }

  Outcome ReadAt(std::uint64_t offset, MutableByteSpan out) const override {
    if (offset > bytes_.size() || bytes_.size() - offset < out.size()) {
      return MakeFailure(Code::kIo, Op::kReadFile);
    }
    const ByteSpan from = bytes_.subspan(static_cast<std::size_t>(offset), out.size());
    std::copy(from.begin(), from.end(), out.begin());
    return Done{};
  }

 private:
  ByteSpan bytes_;
};

std::string NameOf(const Digest& digest) {
  const auto text = digest.ToHexText();
  return {text.data(), text.size()};
}

Failure AboutLayer(Code code, const Digest& digest) {
  return MakeFailure(code, Op::kCheckManifest, "layer " + NameOf(digest));
}

bool SizeIsAllowed(const Layer& layer, std::uint64_t size) {
  if (layer.fetch_bytes != 0) {
    return size == layer.fetch_bytes;
  }
  return layer.encrypted_with == KeyId::kNone
             ? size <= layer.placement.size_bytes
             : size <= EncryptedLength(layer.placement.size_bytes, 1);
}

Expected<std::vector<std::uint8_t>> ReadManifestEntry(const ByteSource& source,
                                                      const std::vector<ZipEntry>& entries) {
  const auto entry = std::find_if(entries.begin(), entries.end(), [](const ZipEntry& candidate) {
    return candidate.name == kManifestName;
  });
  if (entry == entries.end()) {
    return Failure{Error{Code::kZipEntryMissing, Op::kParse, 0}, "the zip holds no manifest"};
  }
  if (entry->uncompressed_bytes > kMaxManifestBytes) {
    return MakeFailure(Code::kManifestTooLarge, Op::kParse);
  }
  std::vector<std::uint8_t> bytes;
  BUNDLE_TRY(ReadZipEntry(source, *entry, [&bytes](ByteSpan piece) -> Outcome {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return Done{};
  }));
  return bytes;
}

}  // namespace

std::unique_ptr<ByteSource> MemorySource(ByteSpan bytes) {
  return std::make_unique<SpanSource>(bytes);
}

struct BundleReader::Impl {
  const ByteSource* source = nullptr;
  std::vector<std::uint8_t> manifest_bytes;
  SealedManifest manifest;
  AppBody body;
  std::vector<LayerEntry> entries;
  std::map<Digest, ZipEntry> zip_entries;

  Outcome TakeEntries(const std::vector<ZipEntry>& found);
  Outcome CheckBounds() const;
  Outcome CheckEntry(const LayerEntry& entry) const;
};

// Every layer entry is one that the manifest lists, and every listed layer is there.
Outcome BundleReader::Impl::TakeEntries(const std::vector<ZipEntry>& found) {
  for (const ZipEntry& entry : found) {
    const auto digest = Digest::FromHexText(entry.name);
    if (!digest) {
      continue;  // the manifest; the directory's reader let no other name through
    }
    const bool listed =
        std::any_of(body.layers.begin(), body.layers.end(), [&digest](const Layer& layer) {
          return layer.fetch_digest == *digest;
        });
    if (!listed) {
      return MakeFailure(Code::kZipEntryUnexpected, Op::kParse, "entry " + entry.name);
    }
    zip_entries.emplace(*digest, entry);
    entries.push_back({*digest, entry.uncompressed_bytes});
  }
  for (const Layer& layer : body.layers) {
    const auto entry = zip_entries.find(layer.fetch_digest);
    if (entry == zip_entries.end()) {
      return MakeFailure(Code::kZipEntryMissing, Op::kParse, "layer " + NameOf(layer.fetch_digest));
    }
    if (!SizeIsAllowed(layer, entry->second.uncompressed_bytes)) {
      return AboutLayer(Code::kLayerSizeInvalid, layer.fetch_digest);
    }
  }
  return CheckBounds();
}

Outcome BundleReader::Impl::CheckBounds() const {
  std::uint64_t unpacked = 0;
  for (const LayerEntry& entry : entries) {
    unpacked += entry.uncompressed_bytes;
  }
  std::uint64_t placed = 0;
  for (const Layer& layer : body.layers) {
    placed += layer.placement.size_bytes;
  }
  if (unpacked > kMaxUnpackedBytes) {
    return MakeFailure(Code::kLayerSizeInvalid, Op::kCheckManifest, "all layers together");
  }
  if (placed > kMaxUnpackedBytes) {
    return MakeFailure(Code::kPlacementOutOfBounds, Op::kCheckManifest, "all layers together");
  }
  return Done{};
}

Outcome BundleReader::Impl::CheckEntry(const LayerEntry& entry) const {
  Sha256Hasher hasher;
  EncryptedFormChecker form(entry.uncompressed_bytes);
  BUNDLE_TRY(ReadZipEntry(*source, zip_entries.at(entry.digest), [&](ByteSpan piece) -> Outcome {
    hasher.Update(piece);
    form.Update(piece);
    return Done{};
  }));
  if (Sha256Hasher(hasher).Finish() != entry.digest) {
    return AboutLayer(Code::kLayerHashMismatch, entry.digest);
  }
  for (const Layer& layer : body.layers) {
    if (layer.fetch_digest != entry.digest) {
      continue;
    }
    if (layer.encrypted_with != KeyId::kNone) {
      if (!form.IsGood(layer.plaintext_bytes, layer.placement.size_bytes)) {
        return AboutLayer(Code::kLayerEncodingInvalid, entry.digest);
      }
      continue;
    }
    Sha256Hasher measured(hasher);
    measured.UpdateErased(layer.placement.size_bytes - entry.uncompressed_bytes);
    if (measured.Finish() != layer.measurement_digest) {
      return AboutLayer(Code::kMeasurementMismatch, entry.digest);
    }
  }
  return Done{};
}

BundleReader::BundleReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

BundleReader::BundleReader(BundleReader&&) noexcept = default;
BundleReader& BundleReader::operator=(BundleReader&&) noexcept = default;
BundleReader::~BundleReader() = default;

Expected<BundleReader> BundleReader::Open(const ByteSource& source) {
  auto impl = std::make_unique<Impl>();
  impl->source = &source;
  BUNDLE_TRY_ASSIGN(const auto found, ReadZipDirectory(source));
  BUNDLE_TRY_ASSIGN(impl->manifest_bytes, ReadManifestEntry(source, found));
  BUNDLE_TRY_ASSIGN(impl->manifest, ParseManifest(impl->manifest_bytes));
  BUNDLE_TRY_ASSIGN(impl->body, ParseBody(impl->manifest.body));
  BUNDLE_TRY(impl->TakeEntries(found));
  return BundleReader(std::move(impl));
}

const std::vector<std::uint8_t>& BundleReader::manifest_bytes() const {
  return impl_->manifest_bytes;
}

const SealedManifest& BundleReader::manifest() const {
  return impl_->manifest;
}

const AppBody& BundleReader::body() const {
  return impl_->body;
}

const std::vector<LayerEntry>& BundleReader::entries() const {
  return impl_->entries;
}

Outcome BundleReader::ReadLayer(const Digest& digest,
                                const std::function<Outcome(ByteSpan)>& sink) const {
  const auto entry = impl_->zip_entries.find(digest);
  if (entry == impl_->zip_entries.end()) {
    return MakeFailure(Code::kNotFound, Op::kFetchLayer, "layer " + NameOf(digest));
  }
  Sha256Hasher hasher;
  BUNDLE_TRY(ReadZipEntry(*impl_->source, entry->second, [&](ByteSpan piece) -> Outcome {
    hasher.Update(piece);
    return sink(piece);
  }));
  if (hasher.Finish() != digest) {
    return AboutLayer(Code::kLayerHashMismatch, digest);
  }
  return Done{};
}

Outcome BundleReader::CheckLayers() const {
  for (const LayerEntry& entry : impl_->entries) {
    BUNDLE_TRY(impl_->CheckEntry(entry));
  }
  return Done{};
}

}  // namespace strata::bundle
