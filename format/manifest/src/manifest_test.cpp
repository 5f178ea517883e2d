// SPDX-License-Identifier: Apache-2.0
#include "strata/format/manifest/manifest.hpp"

#include "bodies_for_test.hpp"

namespace strata::manifest {
namespace {

Code EnvelopeVerdict(const Bytes& bytes) {
  return ParseEnvelope(bytes).error().code;
}

PublicKey SampleKey(std::uint8_t value) {
  PublicKey key;
  key.fill(value);
  key[0] = 0x04;
  return key;
}

template <typename PbBytes>
void SetKey(PbBytes& field, const PublicKey& key) {
  field.size = sizeof(key);
  std::ranges::copy(key, field.bytes);
}

TEST(ParseEnvelope, Signed_GivesViewsIntoTheInput) {
  const Bytes body = Encoded(SampleBody());
  const Bytes bytes = Envelope(body);
  const auto envelope = ParseEnvelope(bytes);
  ASSERT_TRUE(envelope.ok());
  EXPECT_EQ(envelope->signer(), KeyId{7});
  const auto parts = envelope->SignedParts();
  EXPECT_EQ(AsText(parts[0]), std::string_view("twlo-mv-manifest-v1\0", 20));
  EXPECT_TRUE(Equal(parts[1], body));
  EXPECT_GE(parts[1].data(), bytes.data());
  EXPECT_LT(parts[1].data(), bytes.data() + bytes.size());
  EXPECT_EQ(envelope->signature()[63], 9);
}

TEST(ParseEnvelope, SizeLimit_IsTheWholeManifest) {
  Bytes bytes = Envelope(Encoded(SampleBody()));
  const Bytes padding(kMaxManifestBytes - bytes.size() - 4, 1);
  bytes = Join({bytes, BytesField(100, padding)});
  bytes.resize(kMaxManifestBytes);
  EXPECT_NE(EnvelopeVerdict(bytes), Code::kManifestTooLarge);
  bytes.push_back(0);
  EXPECT_EQ(EnvelopeVerdict(bytes), Code::kManifestTooLarge);
}

TEST(ParseEnvelope, PartsThatDoNotGoTogether_AreMalformed) {
  const Bytes signer = NumberField(1, 7);
  const Bytes body = BytesField(2, {1});
  const Bytes signature = BytesField(3, Bytes(64, 9));
  EXPECT_EQ(EnvelopeVerdict(Join({signer, body, signature})), Code::kOk);
  EXPECT_EQ(EnvelopeVerdict(body), Code::kOk);
  EXPECT_EQ(EnvelopeVerdict({}), Code::kManifestMalformed);
  EXPECT_EQ(EnvelopeVerdict(Join({signer, signature})), Code::kManifestMalformed);
  EXPECT_EQ(EnvelopeVerdict(Join({signer, BytesField(2, {}), signature})),
            Code::kManifestMalformed);
  EXPECT_EQ(EnvelopeVerdict(Join({signer, body})), Code::kManifestMalformed);
  EXPECT_EQ(EnvelopeVerdict(Join({body, signature})), Code::kManifestMalformed);
  for (const std::size_t size : {63U, 65U}) {
    EXPECT_EQ(EnvelopeVerdict(Join({signer, body, BytesField(3, Bytes(size, 9))})),
              Code::kManifestMalformed);
  }
}

TEST(ParseEnvelope, UnknownField_IsSkippedAndTheLastOfAFieldCounts) {
  const Bytes bytes =
      Join({BytesField(2, {1}), BytesField(100, {1, 2}), NumberField(1, 5), Envelope({2})});
  const auto envelope = ParseEnvelope(bytes);
  ASSERT_TRUE(envelope.ok());
  EXPECT_EQ(envelope->signer(), KeyId{7});
  EXPECT_TRUE(Equal(envelope->SignedParts()[1], Bytes{2}));
}

TEST(Verify, UnsignedManifest_IsRefusedWithoutAsking) {
  const Bytes bytes = BytesField(2, {1});
  const auto envelope = ParseEnvelope(bytes);
  ASSERT_TRUE(envelope.ok());
  bool asked = false;
  const auto verified = VerifiedManifest::Verify(*envelope, [&](auto, const Signature&) {
    asked = true;
    return Status();
  });
  EXPECT_EQ(verified.error().code, Code::kManifestUnsigned);
  EXPECT_FALSE(asked);
}

TEST(Verify, VerifierThatRefuses_GivesNoVerifiedManifest) {
  const Bytes bytes = Envelope(Encoded(SampleBody()));
  const auto envelope = ParseEnvelope(bytes);
  ASSERT_TRUE(envelope.ok());
  const auto verified = VerifiedManifest::Verify(
      *envelope, [&](std::span<const ByteSpan> parts, const Signature& signature) -> Status {
        EXPECT_EQ(parts.size(), 2U);
        EXPECT_EQ(signature, envelope->signature());
        return Fail(Code::kSignatureInvalid, Op::kVerify);
      });
  EXPECT_EQ(verified.error().code, Code::kSignatureInvalid);
}

TEST(Decode, EveryField_IsRead) {
  bundle_AppBody body = SampleBody();
  body.layers_count = 2;
  body.layers[0].encrypted_with_key_id = 0xfedcba9876543210;
  body.layers[0].plaintext_size = 4097;
  body.layers[0].fetch_size = 69 + 4097 + 32;
  body.layers[1] = SampleLayer(0, 0);
  body.layers[1].target.which_where = bundle_AppLayerRegion_external_flash_tag;
  body.layers[1].target.where.external_flash = {8192, 4096};
  body.layers[1].encrypted_with_key_id = 0xfedcba9876543210;
  body.has_debug = true;
  body.debug.debuggable = true;
  SetKey(body.debug.debug_auth_pubkey, SampleKey(1));
  body.has_crash = true;
  body.crash.minimum_restart_ms = 100;
  body.crash.maximum_restart_ms = 200;
  body.crash.include_stack_bytes = 512;
  SetKey(body.crash.crash_report_pubkey, SampleKey(2));
  body.update = {3600, 4};
  body.connectivity = {5, 6};
  std::ranges::copy(std::string_view("1.2 ü"), body.app_version);
  std::ranges::copy(std::string_view("stm32u585"), body.hardware_type);
  body.security_counter = 8;
  body.has_trial = true;
  body.trial = {true, 86400, 100};

  AppManifest app;
  ASSERT_TRUE(DecodeBody(Encoded(body), app).ok());
  ASSERT_EQ(app.layers().size(), 2U);
  const Layer& first = app.layers()[0];
  EXPECT_EQ(first.placement, (Placement{Medium::kInternal, 0, 65536}));
  EXPECT_EQ(first.encrypted_with, KeyId{0xfedcba9876543210});
  EXPECT_EQ(app.encrypted_with(), first.encrypted_with);
  EXPECT_EQ(first.fetch_digest.bytes[31], 0x11);
  EXPECT_EQ(first.measurement_digest.bytes[31], 0x22);
  EXPECT_EQ(first.plaintext_bytes, 4097U);
  EXPECT_EQ(first.FetchLimitBytes(), 69U + 4097U + 32U);
  EXPECT_EQ(app.layers()[1].placement, (Placement{Medium::kExternal, 8192, 4096}));
  EXPECT_EQ(app.layers()[1].FetchLimitBytes(), 69U + 4096U + 16U) << "no size: the placement's";
  EXPECT_EQ(app.debug_auth_key, SampleKey(1));
  EXPECT_EQ(app.crash_report_key, SampleKey(2));
  EXPECT_EQ(app.minimum_restart_ms, 100U);
  EXPECT_EQ(app.maximum_restart_ms, 200U);
  EXPECT_EQ(app.crash_stack_bytes, 512U);
  EXPECT_EQ(app.maximum_politeness_time_sec, 3600U);
  EXPECT_EQ(app.minimum_kernel_version, 4U);
  EXPECT_EQ(app.connection_grace_time_sec, 5U);
  EXPECT_EQ(app.minimum_check_in_time_sec, 6U);
  EXPECT_EQ(app.hardware_type(), "stm32u585");
  EXPECT_EQ(app.security_counter, 8U);
  EXPECT_EQ(app.trial, (TrialPolicy{true, 86400, 100}));
}

TEST(Decode, LegacyBody_HasDefaults) {
  // The worked example of the original's format: one layer, empty update and connectivity.
  const Bytes region = BytesField(1, Join({NumberField(1, 0), NumberField(2, 0x100000)}));
  const Bytes layer =
      Join({BytesField(1, region), BytesField(3, Bytes(32, 0x11)), BytesField(4, Bytes(32, 0x22))});
  AppManifest app;
  app.security_counter = 99;
  app.debug_auth_key = SampleKey(1);
  ASSERT_TRUE(DecodeBody(Join({BytesField(1, layer), {0x22, 0x00, 0x2a, 0x00}}), app).ok());
  ASSERT_EQ(app.layers().size(), 1U);
  EXPECT_EQ(app.layers()[0].placement, (Placement{Medium::kInternal, 0, 0x100000}));
  EXPECT_EQ(app.layers()[0].fetch_bytes, 0U);
  EXPECT_EQ(app.encrypted_with(), KeyId::kNone);
  EXPECT_EQ(app.hardware_type(), "");
  EXPECT_EQ(app.security_counter, 0U);
  EXPECT_EQ(app.trial, (TrialPolicy{false, 30, 0}));
  EXPECT_FALSE(app.debug_auth_key.has_value());
}

TEST(Decode, TrialWindowOfZero_MeansThirtySeconds) {
  bundle_AppBody body = SampleBody();
  body.has_trial = true;
  body.trial.ready_required = true;
  AppManifest app;
  ASSERT_TRUE(DecodeBody(Encoded(body), app).ok());
  EXPECT_EQ(app.trial, (TrialPolicy{true, 30, 0}));
}

TEST(Decode, NoLayersOrTooMany_SayWhich) {
  bundle_AppBody body = SampleBody();
  body.layers_count = 0;
  EXPECT_EQ(VerdictOn(body), Code::kManifestNoLayers);
  body.layers_count = kMaxLayers;
  for (std::uint32_t i = 0; i < kMaxLayers; ++i) {
    body.layers[i] = SampleLayer(i * 65536, 65536);
  }
  const Bytes full = Encoded(body);
  EXPECT_EQ(VerdictOn(full), Code::kOk);
  EXPECT_EQ(VerdictOn(Join({full, BytesField(1, {})})), Code::kManifestTooManyLayers);
  EXPECT_EQ(VerdictOn(Join({full, BytesField(1, {0x08})})), Code::kManifestMalformed);
}

TEST(Decode, LayerWithoutPlacementOrWithAShortHash_IsMalformed) {
  bundle_AppBody body = SampleBody();
  body.layers[0].has_target = false;
  EXPECT_EQ(VerdictOn(body), Code::kManifestMalformed);
  body = SampleBody();
  body.layers[0].target.which_where = 0;
  EXPECT_EQ(VerdictOn(body), Code::kManifestMalformed);
  const Bytes target = BytesField(1, BytesField(1, NumberField(2, 4096)));
  const Bytes hash = Bytes(32, 1);
  for (const std::size_t size : {0U, 31U, 33U}) {
    const Bytes wrong = Bytes(size, 1);
    EXPECT_EQ(VerdictOn(BytesField(1, Join({target, BytesField(3, wrong), BytesField(4, hash)}))),
              Code::kManifestMalformed);
    EXPECT_EQ(VerdictOn(BytesField(1, Join({target, BytesField(3, hash), BytesField(4, wrong)}))),
              Code::kManifestMalformed);
  }
}

TEST(Decode, TargetGivenTwice_IsMergedAndTheLastMediumCounts) {
  const Bytes hashes = Join({BytesField(3, Bytes(32, 1)), BytesField(4, Bytes(32, 1))});
  const Bytes start = BytesField(1, BytesField(1, NumberField(1, 8192)));
  const Bytes size = BytesField(1, BytesField(1, NumberField(2, 4096)));
  const Bytes external = BytesField(1, BytesField(2, NumberField(2, 512)));
  AppManifest app;
  ASSERT_TRUE(DecodeBody(BytesField(1, Join({start, size, hashes})), app).ok());
  EXPECT_EQ(app.layers()[0].placement, (Placement{Medium::kInternal, 8192, 4096}));
  ASSERT_TRUE(DecodeBody(BytesField(1, Join({start, external, hashes})), app).ok());
  EXPECT_EQ(app.layers()[0].placement, (Placement{Medium::kExternal, 0, 512}));
}

TEST(Decode, KeysOfWrongForm_ArePolicyInvalid) {
  const Bytes body = Encoded(SampleBody());
  Bytes key(65, 1);
  key[0] = 0x04;
  EXPECT_EQ(VerdictOn(Join({body, BytesField(2, BytesField(2, key))})), Code::kOk);
  EXPECT_EQ(VerdictOn(Join({body, BytesField(3, BytesField(3, key))})), Code::kOk);
  Bytes compressed = key;
  compressed[0] = 0x02;
  Bytes longer = key;
  longer.push_back(1);
  for (const Bytes& wrong : {compressed, longer, Bytes{0x04}}) {
    EXPECT_EQ(VerdictOn(Join({body, BytesField(2, BytesField(2, wrong))})), Code::kPolicyInvalid);
    EXPECT_EQ(VerdictOn(Join({body, BytesField(3, BytesField(3, wrong))})), Code::kPolicyInvalid);
  }
}

TEST(Decode, Texts_AreUtf8OfLimitedLengthWithoutControls) {
  const Bytes body = Encoded(SampleBody());
  for (const std::uint32_t number : {100U, 101U}) {
    const auto verdict = [&](const Bytes& text) {
      return VerdictOn(Join({body, BytesField(number, text)}));
    };
    const std::size_t limit = number == 100 ? 64 : 31;
    EXPECT_EQ(verdict(Bytes(limit, 'a')), Code::kOk);
    EXPECT_EQ(verdict(Bytes(limit + 1, 'a')), Code::kPolicyInvalid);
    EXPECT_EQ(verdict(Text("a\tb")), Code::kPolicyInvalid);
    EXPECT_EQ(verdict({0x7f}), Code::kPolicyInvalid);
    EXPECT_EQ(verdict({0xc2, 0x85}), Code::kPolicyInvalid);
    EXPECT_EQ(verdict({0xc2, 0xa0, 0xf0, 0x9f, 0x9a, 0x80}), Code::kOk);
    for (const Bytes& bad : {Bytes{0x80},
                             Bytes{0xc3},
                             Bytes{0xc0, 0x80},
                             Bytes{0xe0, 0x80, 0x80},
                             Bytes{0xed, 0xa0, 0x80},
                             Bytes{0xf0, 0x80, 0x80, 0x80},
                             Bytes{0xf4, 0x90, 0x80, 0x80},
                             Bytes{0xf8, 0x88, 0x80, 0x80, 0x80},
                             Bytes{0xe2, 0x82, 0x41}}) {
      EXPECT_EQ(verdict(bad), Code::kManifestMalformed);
    }
  }
}

TEST(Decode, EveryTruncation_IsRefusedOrAnEarlierMessage) {
  const Bytes body = Encoded(SampleBody());
  for (std::size_t size = 1; size < body.size() - 4; ++size) {
    EXPECT_NE(VerdictOn(Bytes(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size))),
              Code::kOk)
        << size;
  }
}

}  // namespace
}  // namespace strata::manifest
