// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/create.hpp"

#include "bundles_for_test.hpp"
#include "layer_cipher.hpp"

namespace strata::bundle {
namespace {

Code CreateCode(const CreateRequest& request) {
  return CodeOf(CreateBundle(request));
}

CreatedBundle CreateOrDie(const CreateRequest& request, unsigned threads = 0) {
  auto created = CreateBundle(request, threads);
  if (!created) {
    ADD_FAILURE() << created.failure().message;
    std::abort();
  }
  return std::move(created).value();
}

// What a device would hold after applying every layer of the bundle.
Bytes Applied(const CreatedBundle& created, const PrivateKey* layer_key, std::size_t medium_bytes) {
  const auto source = MemorySource(created.zip);
  const BundleReader reader = OpenOrDie(*source);
  Bytes flash(medium_bytes, 0xFF);
  for (const Layer& layer : reader.body().layers) {
    Bytes bytes = LayerOrDie(reader, layer.fetch_digest);
    EXPECT_EQ(bytes.size(), layer.fetch_bytes);
    if (layer_key != nullptr) {
      bytes = std::move(DecryptLayer(*layer_key, layer.placement, bytes)).value();
    }
    EXPECT_EQ(bytes.size(), layer.plaintext_bytes);
    if (layer.placement.medium == Medium::kInternal) {
      std::copy(bytes.begin(), bytes.end(), flash.begin() + layer.placement.start_bytes);
    }
    bytes.resize(layer.placement.size_bytes, 0xFF);
    EXPECT_EQ(Sha256(bytes), layer.measurement_digest);
  }
  return flash;
}

TEST(CreateBundle, SignedClearBundle_OpensChecksAndVerifies) {
  const PrivateKey signer = NewKey();
  const Bytes image = Pattern(200'000);
  CreateRequest request = ImageRequest(image);
  request.signing_key = &signer;
  request.policies.app_version = "1.2.3";
  const CreatedBundle created = CreateOrDie(request);

  const auto source = MemorySource(created.zip);
  const BundleReader reader = OpenOrDie(*source);
  EXPECT_TRUE(reader.CheckLayers());
  EXPECT_TRUE(VerifyManifest(reader.manifest(), signer.public_key()));
  EXPECT_EQ(reader.body(), created.body);
  EXPECT_EQ(reader.body().app_version, "1.2.3");
  EXPECT_EQ(reader.body().hardware_type, "stm32u585");
  EXPECT_TRUE(CheckAgainstHardware(reader.body(), Profile()));
  EXPECT_EQ(reader.body().layers.size(), 4U);
  EXPECT_EQ(reader.body().layers[3].placement, (Placement{Medium::kInternal, 0x30000, 0xD0000}));
  Bytes expected(0x100000, 0xFF);
  std::copy(image.begin(), image.end(), expected.begin());
  EXPECT_EQ(Applied(created, nullptr, 0x100000), expected);
}

TEST(CreateBundle, EncryptedBundle_OpensWithTheKeyAndHidesTheImage) {
  const PrivateKey key = NewKey();
  const Bytes image(100'000, 'A');
  CreateRequest request = ImageRequest(image, 0x4000);
  request.layer_key = LayerKey{key.public_key(), &key};
  const CreatedBundle created = CreateOrDie(request);
  const auto source = MemorySource(created.zip);
  const BundleReader reader = OpenOrDie(*source);
  EXPECT_TRUE(reader.CheckLayers());
  for (const Layer& layer : reader.body().layers) {
    EXPECT_EQ(layer.encrypted_with, KeyIdOf(KeyType::kLayer, key.public_key()));
    const Bytes stored = LayerOrDie(reader, layer.fetch_digest);
    EXPECT_EQ(std::string(AsText(stored)).find("AAAAAAAA"), std::string::npos);
  }
  Bytes expected(0x100000, 0xFF);
  std::copy(image.begin(), image.end(), expected.begin() + 0x4000);
  EXPECT_EQ(Applied(created, &key, 0x100000), expected);
}

TEST(CreateBundle, SameInputs_SameBytes_WhateverTheThreads) {
  const PrivateKey signer = NewKey();
  const PrivateKey key = NewKey();
  CreateRequest request = ImageRequest(Pattern(300'000));
  request.signing_key = &signer;
  request.data_layers.push_back({{Medium::kExternal, 0x1000, 0}, Pattern(5000, 3)});
  const Bytes clear = CreateOrDie(request, 1).zip;
  EXPECT_EQ(CreateOrDie(request, 4).zip, clear);
  request.layer_key = LayerKey{key.public_key(), &key};
  const Bytes encrypted = CreateOrDie(request, 1).zip;
  EXPECT_EQ(CreateOrDie(request, 4).zip, encrypted);
  EXPECT_NE(encrypted, clear);
  request.layer_key = LayerKey{key.public_key(), nullptr};
  EXPECT_NE(CreateOrDie(request).zip, CreateOrDie(request).zip) << "only the public half";
}

TEST(CreateBundle, UnchangedLayers_KeepTheirDigests) {
  const PrivateKey key = NewKey();
  CreateRequest request = ImageRequest(Pattern(300'000));
  request.layer_key = LayerKey{key.public_key(), &key};
  const AppBody first = CreateOrDie(request).body;
  request.image->bytes[70'000] ^= 1;
  const AppBody second = CreateOrDie(request).body;
  ASSERT_EQ(first.layers.size(), second.layers.size());
  for (std::size_t i = 0; i < first.layers.size(); ++i) {
    EXPECT_EQ(first.layers[i] == second.layers[i], i != 1) << i;
  }
}

TEST(CreateBundle, EqualLayers_ShareOneEntry) {
  CreateRequest request = ImageRequest(Bytes(0x40000, 0xFF));
  request.image_region_bytes = 0x40000;
  const CreatedBundle created = CreateOrDie(request);
  EXPECT_EQ(created.body.layers.size(), 4U);
  const auto source = MemorySource(created.zip);
  EXPECT_EQ(OpenOrDie(*source).entries().size(), 1U);
}

TEST(CreateBundle, ZipOrder_LayersAsInTheManifestThenTheManifest) {
  const CreatedBundle created = CreateOrDie(ImageRequest(Pattern(200'000)));
  const auto source = MemorySource(created.zip);
  const BundleReader reader = OpenOrDie(*source);
  ASSERT_EQ(reader.entries().size(), created.body.layers.size());
  for (std::size_t i = 0; i < reader.entries().size(); ++i) {
    EXPECT_EQ(reader.entries()[i].digest, created.body.layers[i].fetch_digest);
  }
  // The last record of the directory, and so of the file, is the manifest's.
  const std::string tail(AsText(ByteSpan(created.zip).last(22 + 8)));
  EXPECT_EQ(tail.substr(0, 8), "manifest");
}

TEST(CreateBundle, LayerSize_IsRoundedToEraseUnitsAndEnlargedToThirtyTwoLayers) {
  CreateRequest request = ImageRequest(Pattern(0x100000));
  request.layer_bytes = 1;
  const AppBody body = CreateOrDie(request).body;
  EXPECT_EQ(body.layers.size(), 32U);
  EXPECT_EQ(body.layers[0].placement.size_bytes, 0x8000U);
  request.image->bytes.resize(0x4001);
  const AppBody small = CreateOrDie(request).body;
  EXPECT_EQ(small.layers.size(), 3U);
  EXPECT_EQ(small.layers[0].placement.size_bytes, 0x2000U);
  EXPECT_EQ(small.layers[2].placement, (Placement{Medium::kInternal, 0x4000, 0xFC000}));
}

TEST(CreateBundle, DataLayersCountTowardsThirtyTwo) {
  CreateRequest request = ImageRequest(Pattern(0x100000));
  request.layer_bytes = 1;
  for (std::uint32_t i = 0; i < 30; ++i) {
    request.data_layers.push_back({{Medium::kExternal, i * 0x1000, 0}, Pattern(10, i)});
  }
  EXPECT_EQ(CreateOrDie(request).body.layers.size(), 32U);
  request.data_layers.push_back({{Medium::kExternal, 40 * 0x1000, 0}, Pattern(10, 40)});
  EXPECT_EQ(CreateOrDie(request).body.layers.size(), 32U);
  request.data_layers.push_back({{Medium::kExternal, 41 * 0x1000, 0}, Pattern(10, 41)});
  EXPECT_EQ(CreateCode(request), Code::kManifestTooManyLayers);
  request.image.reset();
  EXPECT_EQ(CreateOrDie(request).body.layers.size(), 32U);
  request.data_layers.push_back({{Medium::kExternal, 42 * 0x1000, 0}, Pattern(10, 42)});
  EXPECT_EQ(CreateCode(request), Code::kManifestTooManyLayers);
}

TEST(CreateBundle, InternalDataBehindTheImage_EndsTheImagesRegion) {
  CreateRequest request = ImageRequest(Pattern(0x3000));
  request.data_layers.push_back({{Medium::kInternal, 0x80000, 0}, Pattern(10)});
  const AppBody body = CreateOrDie(request).body;
  ASSERT_EQ(body.layers.size(), 2U);
  EXPECT_EQ(body.layers[0].placement.size_bytes, 0x80000U);
  EXPECT_EQ(body.layers[1].placement, (Placement{Medium::kInternal, 0x80000, 0x2000}));
}

TEST(CreateBundle, Placements_ThatAreWrong_AreRefused) {
  EXPECT_EQ(CreateCode(ImageRequest(Pattern(10), 0x1000)), Code::kPlacementUnaligned);
  EXPECT_EQ(CreateCode(ImageRequest(Pattern(10), 0x100000)), Code::kImageTooLarge);
  EXPECT_EQ(CreateCode(ImageRequest(Pattern(0x100000), 0x2000)), Code::kImageTooLarge);
  CreateRequest region = ImageRequest(Pattern(0x2001));
  region.image_region_bytes = 0x2000;
  EXPECT_EQ(CreateCode(region), Code::kImageTooLarge);
  region.image_region_bytes = 0x3000;
  EXPECT_EQ(CreateCode(region), Code::kPlacementUnaligned);
  region.image_region_bytes = 0x102000;
  EXPECT_EQ(CreateCode(region), Code::kImageTooLarge);

  const auto with_data = [](Placement placement, Bytes bytes) {
    CreateRequest request = ImageRequest(Pattern(0x3000));
    request.data_layers.push_back({placement, std::move(bytes)});
    return CreateCode(request);
  };
  EXPECT_EQ(with_data({Medium::kExternal, 0, 0}, Pattern(10)), Code::kOk);
  EXPECT_EQ(with_data({Medium::kExternal, 0x800, 0}, Pattern(10)), Code::kPlacementUnaligned);
  EXPECT_EQ(with_data({Medium::kExternal, 0, 0x1001}, Pattern(10)), Code::kPlacementUnaligned);
  EXPECT_EQ(with_data({Medium::kExternal, 0, 0x1000}, Pattern(0x1001)), Code::kLayerSizeInvalid);
  EXPECT_EQ(with_data({Medium::kExternal, 0x1C0000, 0}, Pattern(10)), Code::kPlacementOutOfBounds);
  EXPECT_EQ(with_data({Medium::kExternal, 0xFFFFF000, 0}, Pattern(0x1001)),
            Code::kPlacementOutOfBounds);
  EXPECT_EQ(with_data({Medium::kInternal, 0x2000, 0}, Pattern(10)), Code::kPlacementOverlap);
  EXPECT_EQ(with_data({Medium::kExternal, 0, 0}, {}), Code::kImageEmpty);
  EXPECT_EQ(with_data({Medium::kExternal, 0, 0}, Bytes(0x1C0001)), Code::kImageTooLarge);
}

TEST(CreateBundle, NothingToStore_IsEmpty) {
  CreateRequest request;
  EXPECT_EQ(CreateCode(request), Code::kInvalidArgument);
  request.profile = &Profile();
  EXPECT_EQ(CreateCode(request), Code::kImageEmpty);
  EXPECT_EQ(CreateCode(ImageRequest({})), Code::kImageEmpty);
}

TEST(CreateBundle, PoliciesAndKeys_ThatAreWrong_AreRefused) {
  CreateRequest request = ImageRequest(Pattern(10));
  request.policies.app_version = "\xFF\xFE";
  EXPECT_EQ(CreateCode(request), Code::kPolicyInvalid);
  request.policies.app_version = "a\nb";
  EXPECT_EQ(CreateCode(request), Code::kPolicyInvalid);
  request.policies.app_version = "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";
  EXPECT_EQ(CreateCode(request), Code::kOk);
  const PrivateKey key = NewKey();
  request.layer_key = LayerKey{NewKey().public_key(), &key};
  EXPECT_EQ(CreateCode(request), Code::kKeyWrongType);
}

TEST(CreateBundle, LargestManifest_StaysWithinItsLimit) {
  const PrivateKey key = NewKey();
  CreateRequest request = ImageRequest(Pattern(48 * 1024 * 1024));
  request.profile = &Profile("large");
  request.layer_key = LayerKey{key.public_key(), &key};
  request.signing_key = &key;
  AppBody& policies = request.policies;
  policies.app_version = std::string(64, 'v');
  policies.debug_auth_key = policies.crash_report_key = key.public_key();
  policies.minimum_restart_ms = policies.maximum_restart_ms = policies.crash_stack_bytes = ~0U;
  policies.maximum_politeness_time_sec = policies.minimum_kernel_version = ~0U;
  policies.connection_grace_time_sec = policies.minimum_check_in_time_sec = ~0U;
  policies.security_counter = ~0U;
  policies.trial = TrialPolicy{true, 86'400, 100};
  const CreatedBundle created = CreateOrDie(request);
  EXPECT_EQ(created.body.layers.size(), 32U);
  EXPECT_EQ(created.body.layers[0].placement.size_bytes, 1536U * 1024);
  EXPECT_LE(SerializeManifest(created.manifest).size(), kMaxManifestBytes);
  const auto source = MemorySource(created.zip);
  EXPECT_TRUE(OpenOrDie(*source).CheckLayers());
}

TEST(CreateBundle, FileAboveTheLimit_IsTooLarge) {
  CreateRequest request = ImageRequest(Pattern(64 * 1024 * 1024));
  request.profile = &Profile("large");
  EXPECT_EQ(CreateCode(request), Code::kBundleTooLarge);
}

TEST(SignBundle, UnsignedOrSignedByAnother_CarriesTheNewSignatureOnly) {
  const PrivateKey first = NewKey();
  const PrivateKey second = NewKey();
  const CreatedBundle unsigned_bundle = CreateOrDie(ImageRequest(Pattern(100'000)));
  EXPECT_EQ(CodeOf(VerifyManifest(unsigned_bundle.manifest, first.public_key())),
            Code::kManifestUnsigned);
  const auto once = SignBundle(unsigned_bundle.zip, first);
  ASSERT_TRUE(once);
  const auto twice = SignBundle(*once, second);
  ASSERT_TRUE(twice);
  const auto source = MemorySource(*twice);
  const BundleReader reader = OpenOrDie(*source);
  EXPECT_TRUE(VerifyManifest(reader.manifest(), second.public_key()));
  EXPECT_FALSE(VerifyManifest(reader.manifest(), first.public_key()));
  EXPECT_EQ(reader.manifest().body, unsigned_bundle.manifest.body);
  EXPECT_TRUE(reader.CheckLayers());

  CreateRequest request = ImageRequest(Pattern(100'000));
  request.signing_key = &second;
  EXPECT_EQ(*twice, CreateOrDie(request).zip)
      << "the same bundle, however it came by its signature";
}

TEST(ReplaceManifest, SameBodyUnderAnothersSignature_IsThatBundle) {
  const PrivateKey key = NewKey();
  const CreatedBundle plain = CreateOrDie(ImageRequest(Pattern(100'000)));
  CreateRequest request = ImageRequest(Pattern(100'000));
  request.signing_key = &key;
  const CreatedBundle sealed = CreateOrDie(request);
  const auto replaced = ReplaceManifest(plain.zip, SerializeManifest(sealed.manifest));
  ASSERT_TRUE(replaced);
  EXPECT_EQ(*replaced, sealed.zip);
}

TEST(ReplaceManifest, OtherBodyOrNoManifest_IsRefused) {
  const CreatedBundle plain = CreateOrDie(ImageRequest(Pattern(100'000)));
  const CreatedBundle other = CreateOrDie(ImageRequest(Pattern(90'000)));
  EXPECT_EQ(CodeOf(ReplaceManifest(plain.zip, SerializeManifest(other.manifest))),
            Code::kManifestHashMismatch);
  EXPECT_EQ(CodeOf(ReplaceManifest(plain.zip, Pattern(10))), Code::kManifestMalformed);
}

TEST(SignBundle, DamagedBundle_IsNotSigned) {
  Bytes zip = CreateOrDie(ImageRequest(Pattern(1000))).zip;
  zip[200] ^= 1;
  EXPECT_EQ(CodeOf(SignBundle(zip, NewKey())), Code::kZipMalformed);
}

}  // namespace
}  // namespace strata::bundle
