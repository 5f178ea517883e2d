// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/reader.hpp"

#include "bundles_for_test.hpp"
#include "zip.hpp"

namespace strata::bundle {
namespace {

std::string NameOf(const Digest& digest) {
  const auto text = digest.ToHexText();
  return {text.data(), text.size()};
}

// A bundle put together by hand, so that each part can be wrong on its own.
struct Parts {
  AppBody body;
  std::vector<std::pair<std::string, Bytes>> entries;

  Parts() {
    Add(Pattern(100, 1), 0, 0x2000);
    Add(Pattern(8192, 2), 0x2000, 0x2000);
  }

  void Add(const Bytes& bytes, std::uint32_t start, std::uint32_t size) {
    Layer layer;
    layer.placement = {Medium::kInternal, start, size};
    layer.fetch_digest = Sha256(bytes);
    Bytes padded = bytes;
    padded.resize(size, 0xFF);
    layer.measurement_digest = Sha256(padded);
    layer.plaintext_bytes = layer.fetch_bytes = static_cast<std::uint32_t>(bytes.size());
    body.layers.push_back(layer);
    entries.emplace_back(NameOf(layer.fetch_digest), bytes);
  }

  [[nodiscard]] Bytes Zip() const {
    SealedManifest manifest;
    manifest.body = SerializeBody(body);
    std::vector<PackedEntry> packed;
    for (const auto& [name, bytes] : entries) {
      packed.push_back(std::move(PackEntry(name, bytes)).value());
    }
    packed.push_back(std::move(PackEntry("manifest", SerializeManifest(manifest))).value());
    return std::move(WriteZip(packed)).value();
  }
};

Code OpenCode(const Bytes& zip) {
  const auto source = MemorySource(zip);
  return CodeOf(BundleReader::Open(*source));
}

Code CheckCode(const Bytes& zip) {
  const auto source = MemorySource(zip);
  const auto reader = BundleReader::Open(*source);
  return reader ? CodeOf(reader->CheckLayers()) : reader.failure().error.code;
}

TEST(BundleReader, GoodBundle_GivesItsParts) {
  const Parts parts;
  const Bytes zip = parts.Zip();
  const auto source = MemorySource(zip);
  const BundleReader reader = OpenOrDie(*source);
  EXPECT_EQ(reader.body(), parts.body);
  EXPECT_EQ(SerializeManifest(reader.manifest()), reader.manifest_bytes());
  ASSERT_EQ(reader.entries().size(), 2U);
  EXPECT_EQ(reader.entries()[1].uncompressed_bytes, 8192U);
  EXPECT_TRUE(reader.CheckLayers());
  EXPECT_EQ(LayerOrDie(reader, parts.body.layers[0].fetch_digest), Pattern(100, 1));
}

TEST(BundleReader, ReadLayer_UnknownDigest_IsNotFound) {
  const Bytes zip = Parts().Zip();
  const auto source = MemorySource(zip);
  const BundleReader reader = OpenOrDie(*source);
  EXPECT_EQ(CodeOf(reader.ReadLayer(Digest{}, [](ByteSpan) -> Outcome { return Done{}; })),
            Code::kNotFound);
}

TEST(BundleReader, ReadLayer_FailingSink_EndsWithItsFailure) {
  const Parts parts;
  const Bytes zip = parts.Zip();
  const auto source = MemorySource(zip);
  const BundleReader reader = OpenOrDie(*source);
  const Outcome outcome =
      reader.ReadLayer(parts.body.layers[1].fetch_digest,
                       [](ByteSpan) -> Outcome { return MakeFailure(Code::kIo, Op::kWriteFile); });
  EXPECT_EQ(CodeOf(outcome), Code::kIo);
}

TEST(BundleReader, LayerMissingOrTooMany_IsRefused) {
  Parts missing;
  missing.entries.pop_back();
  EXPECT_EQ(OpenCode(missing.Zip()), Code::kZipEntryMissing);
  Parts extra;
  extra.entries.emplace_back(NameOf(Sha256(Pattern(5, 9))), Pattern(5, 9));
  EXPECT_EQ(OpenCode(extra.Zip()), Code::kZipEntryUnexpected);
}

TEST(BundleReader, ManifestMissingOrTooLarge_IsRefused) {
  const Bytes layer = Pattern(5);
  EXPECT_EQ(OpenCode(*WriteZip({*PackEntry(NameOf(Sha256(layer)), layer)})),
            Code::kZipEntryMissing);
  EXPECT_EQ(OpenCode(*WriteZip({*PackEntry("manifest", Bytes(4097))})), Code::kManifestTooLarge);
  EXPECT_EQ(OpenCode(*WriteZip({*PackEntry("manifest", Bytes(10, 0xFF))})),
            Code::kManifestMalformed);
}

TEST(BundleReader, LayerWithOtherContent_IsAHashMismatch) {
  Parts parts;
  parts.entries[0].second[5] ^= 1;
  EXPECT_EQ(OpenCode(parts.Zip()), Code::kOk);
  EXPECT_EQ(CheckCode(parts.Zip()), Code::kLayerHashMismatch);
  const Bytes zip = parts.Zip();
  const auto source = MemorySource(zip);
  const BundleReader reader = OpenOrDie(*source);
  EXPECT_EQ(CodeOf(reader.ReadLayer(parts.body.layers[0].fetch_digest,
                                    [](ByteSpan) -> Outcome { return Done{}; })),
            Code::kLayerHashMismatch);
}

TEST(BundleReader, LayerOfOtherLength_IsASizeError) {
  Parts parts;
  parts.entries[0].second.push_back(0);
  EXPECT_EQ(OpenCode(parts.Zip()), Code::kLayerSizeInvalid);
}

TEST(BundleReader, LegacyLayerWithoutSizes_IsBoundedByItsPlacement) {
  Parts parts;
  for (Layer& layer : parts.body.layers) {
    layer.plaintext_bytes = layer.fetch_bytes = 0;
  }
  EXPECT_EQ(CheckCode(parts.Zip()), Code::kOk);
  parts.entries[1].second.push_back(0);
  EXPECT_EQ(OpenCode(parts.Zip()), Code::kLayerSizeInvalid);
}

TEST(BundleReader, WrongMeasurement_IsAMismatch) {
  Parts parts;
  parts.body.layers[1].measurement_digest.bytes[0] ^= 1;
  EXPECT_EQ(CheckCode(parts.Zip()), Code::kMeasurementMismatch);
}

TEST(BundleReader, PlacementsOfAbsurdSum_AreRefusedBeforeTheyAreMeasured) {
  Parts parts;
  parts.body.layers[1].placement.size_bytes = 0xF0000000;
  EXPECT_EQ(OpenCode(parts.Zip()), Code::kPlacementOutOfBounds);
}

TEST(BundleReader, UnpackedLayersOfAbsurdSum_AreRefused) {
  Parts parts;
  // 17 times its placement: the largest an encrypted layer may be, with chunks of one byte.
  Layer& layer = parts.body.layers[0];
  parts.body.layers.resize(1);
  parts.entries.clear();
  layer.encrypted_with = static_cast<KeyId>(1);
  layer.placement.size_bytes = 20 * 1024 * 1024;
  layer.plaintext_bytes = layer.placement.size_bytes;
  layer.fetch_bytes = 69 + 17 * layer.plaintext_bytes;
  PackedEntry entry = *PackEntry(NameOf(layer.fetch_digest), Pattern(10));
  entry.uncompressed_bytes = layer.fetch_bytes;
  SealedManifest manifest;
  manifest.body = SerializeBody(parts.body);
  EXPECT_EQ(OpenCode(*WriteZip({entry, *PackEntry("manifest", SerializeManifest(manifest))})),
            Code::kLayerSizeInvalid);
}

TEST(BundleReader, LayerThatOnlyCallsItselfEncrypted_IsAnEncodingError) {
  Parts parts;
  parts.body.layers.resize(1);
  parts.entries.clear();
  Bytes layer(69 + 50 + 16, 4);
  Layer& reference = parts.body.layers[0];
  reference.encrypted_with = static_cast<KeyId>(1);
  reference.plaintext_bytes = 50;
  reference.fetch_bytes = static_cast<std::uint32_t>(layer.size());
  const auto code_of = [&parts, &reference](const Bytes& bytes) {
    reference.fetch_digest = Sha256(bytes);
    parts.entries = {{NameOf(reference.fetch_digest), bytes}};
    return CheckCode(parts.Zip());
  };
  EXPECT_EQ(code_of(layer), Code::kLayerEncodingInvalid) << "enc is no point";
  const PublicKey point = NewKey().public_key();
  std::copy(point.begin(), point.end(), layer.begin());
  std::copy_n(Bytes{0, 0, 16, 0}.begin(), 4, layer.begin() + 65);
  EXPECT_EQ(code_of(layer), Code::kOk);
  layer[66] = 1;
  EXPECT_EQ(code_of(layer), Code::kLayerEncodingInvalid) << "chunk size above 4096";
  std::copy_n(Bytes{0, 0, 0, 0}.begin(), 4, layer.begin() + 65);
  EXPECT_EQ(code_of(layer), Code::kLayerEncodingInvalid) << "chunk size 0";
  layer[68] = 10;
  EXPECT_EQ(code_of(layer), Code::kLayerEncodingInvalid) << "five chunks would be longer";
}

class FailingSource final : public ByteSource {
 public:
  FailingSource(ByteSpan bytes, int good_reads)
      : inner_(MemorySource(bytes)), good_reads_(good_reads) {}

  [[nodiscard]] std::uint64_t size() const override { return inner_->size(); }

  Outcome ReadAt(std::uint64_t offset, MutableByteSpan out) const override {
    return good_reads_-- > 0 ? inner_->ReadAt(offset, out)
                             : Outcome(MakeFailure(Code::kIo, Op::kReadFile));
  }

  [[nodiscard]] bool fired() const { return good_reads_ < 0; }

 private:
  std::unique_ptr<ByteSource> inner_;
  mutable int good_reads_;
};

TEST(BundleReader, EveryReadThatFails_IsAnIoError) {
  const Bytes zip = Parts().Zip();
  int good_reads = 0;
  for (;; ++good_reads) {
    const FailingSource source(zip, good_reads);
    const auto reader = BundleReader::Open(source);
    const Code code = reader ? CodeOf(reader->CheckLayers()) : reader.failure().error.code;
    if (!source.fired()) {
      EXPECT_EQ(code, Code::kOk);
      break;
    }
    EXPECT_EQ(code, Code::kIo) << good_reads;
  }
  EXPECT_GT(good_reads, 5);
}

class HugeSource final : public ByteSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return kMaxBundleBytes + 1; }

  Outcome ReadAt(std::uint64_t, MutableByteSpan) const override {
    ADD_FAILURE() << "read";
    return Done{};
  }
};

TEST(BundleReader, FileAboveTheLimit_IsRefusedUnread) {
  EXPECT_EQ(CodeOf(BundleReader::Open(HugeSource())), Code::kBundleTooLarge);
}

TEST(MemorySource, BeyondItsEnd_IsAnIoError) {
  const Bytes bytes = Pattern(10);
  const auto source = MemorySource(bytes);
  Bytes out(4);
  EXPECT_TRUE(source->ReadAt(6, out));
  EXPECT_EQ(CodeOf(source->ReadAt(7, out)), Code::kIo);
  EXPECT_EQ(CodeOf(source->ReadAt(~std::uint64_t{0}, out)), Code::kIo);
}

}  // namespace
}  // namespace strata::bundle
