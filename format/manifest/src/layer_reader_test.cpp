// SPDX-License-Identifier: Apache-2.0
// A manifest read piece by piece, as the engine does to save room.
#include "strata/format/manifest/manifest.hpp"

#include "bodies_for_test.hpp"

namespace strata::manifest {
namespace {

bundle_AppBody TwoLayers() {
  bundle_AppBody body = SampleBody();
  body.layers_count = 2;
  body.layers[1] = SampleLayer(65536, 8192);
  body.layers[1].fetch_hash[0] = 0x33;
  body.security_counter = 8;
  body.has_trial = true;
  body.trial = {true, 60, 2};
  std::ranges::copy(std::string_view("stm32u585"), body.hardware_type);
  return body;
}

/// The envelope must outlive it.
VerifiedManifest Verified(const Bytes& envelope) {
  return *VerifiedManifest::Verify(*ParseEnvelope(envelope), AcceptAll);
}

TEST(LayerReader, AcceptedManifest_GivesItsLayersInOrder) {
  const Bytes bytes = Envelope(Encoded(TwoLayers()));
  const VerifiedManifest verified = Verified(bytes);
  AppManifest app;
  ASSERT_TRUE(Decode(verified, app).ok());
  LayerReader reader(verified);
  Layer layer;
  for (const Layer& expected : app.layers()) {
    const auto another = reader.Next(layer);
    ASSERT_TRUE(another.ok() && *another);
    EXPECT_EQ(layer, expected);
  }
  for (int times = 0; times < 2; ++times) {
    const auto another = reader.Next(layer);
    ASSERT_TRUE(another.ok());
    EXPECT_FALSE(*another) << "the end stays the end";
  }
}

TEST(LayerReader, Copy_WalksOnFromWhereItWasMade) {
  const Bytes bytes = Envelope(Encoded(TwoLayers()));
  LayerReader reader(Verified(bytes));
  Layer layer;
  ASSERT_TRUE(*reader.Next(layer));
  LayerReader copy = reader;
  Layer of_copy;
  ASSERT_TRUE(*reader.Next(layer));
  ASSERT_TRUE(*copy.Next(of_copy));
  EXPECT_EQ(of_copy, layer);
  EXPECT_EQ(of_copy.placement.start_bytes, 65536U);
}

TEST(LayerReader, LayerWithoutPlacement_IsMalformed) {
  bundle_AppBody body = TwoLayers();
  body.layers[1].has_target = false;
  const Bytes bytes = Envelope(Encoded(body));
  LayerReader reader(Verified(bytes));
  Layer layer;
  ASSERT_TRUE(*reader.Next(layer));
  EXPECT_EQ(reader.Next(layer).error().code, Code::kManifestMalformed);
}

TEST(LayerReader, BodyThatIsNoMessage_IsMalformed) {
  const Bytes bytes = Envelope(Join({Encoded(TwoLayers()), {0xFF}}));
  LayerReader reader(Verified(bytes));
  Layer layer;
  ASSERT_TRUE(*reader.Next(layer));
  ASSERT_TRUE(*reader.Next(layer));
  EXPECT_EQ(reader.Next(layer).error().code, Code::kManifestMalformed);
}

TEST(DecodePolicy, AcceptedManifest_GivesAllButTheLayers) {
  const Bytes bytes = Envelope(Encoded(TwoLayers()));
  const VerifiedManifest verified = Verified(bytes);
  AppManifest app;
  ASSERT_TRUE(Decode(verified, app).ok());
  AppPolicy policy;
  policy.security_counter = 99;
  ASSERT_TRUE(DecodePolicy(verified, policy).ok());
  EXPECT_EQ(policy, app);
  EXPECT_EQ(policy.layer_count, 2U);
  EXPECT_EQ(policy.security_counter, 8U);
}

TEST(DecodePolicy, WrongPolicyOrBody_IsRefusedAsByDecode) {
  bundle_AppBody body = TwoLayers();
  body.trial.window_sec = 86401;
  const Bytes long_trial = Envelope(Encoded(body));
  AppPolicy policy;
  EXPECT_EQ(DecodePolicy(Verified(long_trial), policy).error().code, Code::kPolicyInvalid);
  const Bytes garbage = Envelope({0xFF});
  EXPECT_EQ(DecodePolicy(Verified(garbage), policy).error().code, Code::kManifestMalformed);
}

}  // namespace
}  // namespace strata::manifest
