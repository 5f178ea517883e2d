// SPDX-License-Identifier: Apache-2.0
// Files of released format versions (tests/golden) against today's code, both ways.
// With STRATA_GOLDEN_OUT=DIR the bundles of bundle-v1 are written to DIR: only for a new format
// version.
#include <cstdlib>
#include <sstream>

#include <strata_original/original.pb.h>

#include "bundles_for_test.hpp"
#include "layer_cipher.hpp"

namespace strata::bundle {
namespace {

Bytes GoldenImage() {
  Bytes image(20'000);
  for (std::size_t i = 0; i < image.size(); ++i) {
    image[i] = static_cast<std::uint8_t>(i / 64);
  }
  return image;
}

CreateRequest GoldenRequest(const PrivateKey& signer) {
  CreateRequest request = ImageRequest(GoldenImage());
  request.profile = &Profile("mps2-an505");
  request.layer_bytes = 8192;
  request.data_layers.push_back({{Medium::kExternal, 0x1000, 0}, Bytes(100, 0x5A)});
  request.signing_key = &signer;
  AppBody& policies = request.policies;
  policies.debug_auth_key = signer.public_key();
  policies.minimum_restart_ms = 100;
  policies.maximum_restart_ms = 60'000;
  policies.crash_report_key = signer.public_key();
  policies.crash_stack_bytes = 512;
  policies.maximum_politeness_time_sec = 3600;
  policies.minimum_kernel_version = 1;
  policies.connection_grace_time_sec = 30;
  policies.minimum_check_in_time_sec = 86'400;
  policies.app_version = "1.0.0";
  policies.security_counter = 1;
  policies.trial = TrialPolicy{true, 2, 1};
  return request;
}

void WriteGolden(const std::string& name, ByteSpan bytes) {
  if (const char* folder = std::getenv("STRATA_GOLDEN_OUT")) {
    std::ofstream(std::string(folder) + "/" + name, std::ios::binary) << AsText(bytes);
  }
}

// Not the zip's bytes: another version of the compressor may pack the same content differently.
void ExpectSameContent(const Bytes& golden, const CreatedBundle& created) {
  const auto source = MemorySource(golden);
  const BundleReader reader = OpenOrDie(*source);
  EXPECT_EQ(reader.manifest_bytes(), SerializeManifest(created.manifest));
  EXPECT_EQ(reader.body(), created.body);
  EXPECT_TRUE(reader.CheckLayers());
  const auto made = MemorySource(created.zip);
  const BundleReader made_reader = OpenOrDie(*made);
  ASSERT_EQ(reader.entries().size(), made_reader.entries().size());
  for (std::size_t i = 0; i < reader.entries().size(); ++i) {
    const Digest& digest = reader.entries()[i].digest;
    EXPECT_EQ(digest, made_reader.entries()[i].digest);
    EXPECT_EQ(LayerOrDie(reader, digest), LayerOrDie(made_reader, digest));
  }
}

TEST(GoldenBundleV1, Clear_IsReadVerifiedAndMadeAgain) {
  const PrivateKey signer = PublishedKey();
  const CreatedBundle created = std::move(CreateBundle(GoldenRequest(signer))).value();
  WriteGolden("clear.zip", created.zip);
  WriteGolden("signer.pub.pem", AsBytes(*PublicKeyToPem(signer.public_key())));
  const Bytes golden = ReadTestFile("tests/golden/bundle-v1/clear.zip");
  ExpectSameContent(golden, created);
  const Bytes pem = ReadTestFile("tests/golden/bundle-v1/signer.pub.pem");
  const auto source = MemorySource(golden);
  EXPECT_TRUE(VerifyManifest(OpenOrDie(*source).manifest(), *PublicKeyFromPem(AsText(pem))));
}

TEST(GoldenBundleV1, Encrypted_IsReadOpenedAndMadeAgain) {
  const PrivateKey signer = PublishedKey();
  const PrivateKey layer_key = PublishedLayerKey();
  CreateRequest request = GoldenRequest(signer);
  request.layer_key = LayerKey{layer_key.public_key(), &layer_key};
  const CreatedBundle created = std::move(CreateBundle(request)).value();
  WriteGolden("encrypted.zip", created.zip);
  WriteGolden("layer.pub.pem", AsBytes(*PublicKeyToPem(layer_key.public_key())));
  const Bytes golden = ReadTestFile("tests/golden/bundle-v1/encrypted.zip");
  ExpectSameContent(golden, created);
  const auto source = MemorySource(golden);
  const BundleReader reader = OpenOrDie(*source);
  Bytes image;
  for (std::size_t i = 0; i < 3; ++i) {
    const Layer& layer = reader.body().layers.at(i);
    const Bytes stored = LayerOrDie(reader, layer.fetch_digest);
    const Bytes opened = *DecryptLayer(layer_key, layer.placement, stored);
    image.insert(image.end(), opened.begin(), opened.end());
  }
  EXPECT_EQ(image, GoldenImage());
}

TEST(OriginalTool, WorkedExample_IsReadCheckedAndSigned) {
  const Bytes zip = ReadTestFile("tests/golden/original-tool/worked-example.zip");
  const auto source = MemorySource(zip);
  const BundleReader reader = OpenOrDie(*source);
  EXPECT_TRUE(reader.CheckLayers());
  EXPECT_FALSE(reader.manifest().signature);
  ASSERT_EQ(reader.body().layers.size(), 1U);
  const Layer& layer = reader.body().layers[0];
  EXPECT_EQ(layer.placement, (Placement{Medium::kInternal, 0, 0x100000}));
  EXPECT_EQ(layer.fetch_bytes, 0U);
  EXPECT_TRUE(CheckAgainstHardware(reader.body(), Profile()));
  EXPECT_EQ(LayerOrDie(reader, layer.fetch_digest).size(), 64U);

  const PrivateKey signer = NewKey();
  const auto signed_zip = SignBundle(zip, signer);
  ASSERT_TRUE(signed_zip) << signed_zip.failure().message;
  const auto signed_source = MemorySource(*signed_zip);
  const BundleReader signed_reader = OpenOrDie(*signed_source);
  EXPECT_TRUE(VerifyManifest(signed_reader.manifest(), signer.public_key()));
  EXPECT_EQ(signed_reader.manifest().body, reader.manifest().body);
  EXPECT_TRUE(signed_reader.CheckLayers());
}

// The bytes of the fenced block under "## Worked example": pairs of hex digits up to the first
// other word of a line.
Bytes ExampleOfTheSpec() {
  const Bytes page = ReadTestFile("docs/spec/bundle.md");
  std::istringstream lines{std::string(AsText(page))};
  Bytes out;
  std::string line;
  bool in_section = false;
  bool in_block = false;
  while (std::getline(lines, line)) {
    in_section = in_section || line == "## Worked example";
    if (in_section && line.rfind("```", 0) == 0) {
      if (in_block) {
        break;
      }
      in_block = true;
      continue;
    }
    std::istringstream words(in_block ? line : "");
    std::string word;
    std::array<std::uint8_t, 1> byte{};
    while (words >> word && word.size() == 2 && FromHex(word, byte)) {
      out.push_back(byte[0]);
    }
  }
  return out;
}

TEST(BundleSpec, WorkedExample_IsWhatTheCodeAndTheOriginalToolWrite) {
  const Bytes rom = HexBytes(
      "0001020300010203000102030001020300010203000102030001020300010203"
      "0001020300010203000102030001020300010203000102030001020300010203");
  Bytes padded = rom;
  padded.resize(0x100000, 0xFF);
  AppBody body;
  body.layers.resize(1);
  body.layers[0].placement = {Medium::kInternal, 0, 0x100000};
  body.layers[0].fetch_digest = Sha256(rom);
  body.layers[0].measurement_digest = Sha256(padded);
  SealedManifest manifest;
  manifest.body = SerializeBody(body);
  EXPECT_EQ(manifest.body.size(), 82U);
  const Bytes example = ExampleOfTheSpec();
  EXPECT_EQ(HexText(SerializeManifest(manifest)), HexText(example));
  const Bytes zip = ReadTestFile("tests/golden/original-tool/worked-example.zip");
  const auto source = MemorySource(zip);
  EXPECT_EQ(HexText(OpenOrDie(*source).manifest_bytes()), HexText(example));
}

TEST(OriginalSchema, OurManifest_ParsesWithTheRightValues) {
  const PrivateKey signer = NewKey();
  const PrivateKey layer_key = NewKey();
  CreateRequest request = GoldenRequest(signer);
  request.layer_key = LayerKey{layer_key.public_key(), &layer_key};
  const CreatedBundle created = std::move(CreateBundle(request)).value();
  const Bytes bytes = SerializeManifest(created.manifest);

  original::AppManifest read;
  ASSERT_TRUE(read.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  EXPECT_EQ(read.signer_id(),
            static_cast<std::uint64_t>(KeyIdOf(KeyType::kManifestSigner, signer.public_key())));
  EXPECT_EQ(read.signature(), AsText(*created.manifest.signature));
  const auto& body = read.body();
  ASSERT_EQ(body.layers_size(), 4);
  EXPECT_EQ(body.layers(1).target().internal_flash().start(), 8192U);
  EXPECT_EQ(body.layers(1).target().internal_flash().size(), 8192U);
  EXPECT_EQ(body.layers(2).target().internal_flash().size(), 0x200000U - 16384U);
  EXPECT_EQ(body.layers(3).target().external_flash().start(), 0x1000U);
  EXPECT_EQ(body.layers(3).target().external_flash().size(), 0x1000U);
  for (int i = 0; i < body.layers_size(); ++i) {
    const Layer& ours = created.body.layers[static_cast<std::size_t>(i)];
    EXPECT_EQ(body.layers(i).encrypted_with_key_id(),
              static_cast<std::uint64_t>(KeyIdOf(KeyType::kLayer, layer_key.public_key())));
    EXPECT_EQ(body.layers(i).fetch_hash(), AsText(ours.fetch_digest.bytes));
    EXPECT_EQ(body.layers(i).measurement_hash(), AsText(ours.measurement_digest.bytes));
  }
  EXPECT_EQ(body.debug().debug_auth_pubkey(), AsText(signer.public_key()));
  EXPECT_FALSE(body.debug().debuggable());
  EXPECT_EQ(body.crash().minimum_restart_ms(), 100U);
  EXPECT_EQ(body.crash().maximum_restart_ms(), 60'000U);
  EXPECT_EQ(body.crash().crash_report_pubkey(), AsText(signer.public_key()));
  EXPECT_EQ(body.crash().include_stack_bytes(), 512U);
  EXPECT_EQ(body.update().maximum_politeness_time_sec(), 3600U);
  EXPECT_EQ(body.update().minimum_kernel_version(), 1U);
  EXPECT_EQ(body.connectivity().connection_grace_time_sec(), 30U);
  EXPECT_EQ(body.connectivity().minimum_check_in_time_sec(), 86'400U);
}

TEST(OriginalSchema, ManifestWrittenWithIt_IsReadByUs) {
  original::AppManifest::AppBody out;
  auto* layer = out.add_layers();
  layer->mutable_target()->mutable_external_flash()->set_start(4096);
  layer->mutable_target()->mutable_external_flash()->set_size(8192);
  layer->set_fetch_hash(std::string(32, 'f'));
  layer->set_measurement_hash(std::string(32, 'm'));
  out.mutable_debug()->set_debuggable(true);
  out.mutable_update()->set_minimum_kernel_version(3);
  const std::string bytes = out.SerializeAsString();
  const auto body = ParseBody(AsBytes(bytes));
  ASSERT_TRUE(body) << body.failure().message;
  EXPECT_EQ(body->layers.at(0).placement, (Placement{Medium::kExternal, 4096, 8192}));
  EXPECT_EQ(AsText(body->layers.at(0).fetch_digest.bytes), std::string(32, 'f'));
  EXPECT_TRUE(body->debuggable);
  EXPECT_EQ(body->minimum_kernel_version, 3U);
  EXPECT_FALSE(body->trial);
}

}  // namespace
}  // namespace strata::bundle
