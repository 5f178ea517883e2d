// SPDX-License-Identifier: Apache-2.0
#include "strata/format/manifest/new_keys.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include "bodies_for_test.hpp"

namespace strata::manifest {
namespace {

Bytes Point(std::uint8_t value) {
  Bytes key(65, value);
  key[0] = 0x04;
  return key;
}

Bytes Wrapped(std::uint64_t receiver) {
  return Join({NumberField(1, receiver), BytesField(2, Point(5)), BytesField(3, Bytes(48, 0x77))});
}

Bytes PlaceFields() {
  return Join(
      {NumberField(100, 2), BytesField(101, Bytes(32, 0xAA)), BytesField(102, Bytes(16, 0xBB))});
}

Bytes FullBody() {
  return Join({NumberField(1, 11),
               NumberField(1, 12),
               NumberField(2, 13),
               BytesField(3, Point(1)),
               BytesField(3, Point(2)),
               BytesField(4, Wrapped(99)),
               PlaceFields(),
               BytesField(103, {0x30, 1, 2})});
}

Bytes Times(std::size_t count, const Bytes& part) {
  Bytes out;
  for (std::size_t i = 0; i < count; ++i) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

Code EnvelopeVerdict(const Bytes& bytes) {
  return ParseNewKeysEnvelope(bytes).error().code;
}

/// `message` must outlive `out`, which points into it.
Status DecodeMessage(const Bytes& message, NewKeys& out) {
  STRATA_TRY_ASSIGN(const UnverifiedNewKeys envelope, ParseNewKeysEnvelope(message));
  STRATA_TRY_ASSIGN(const VerifiedNewKeys verified, VerifiedNewKeys::Verify(envelope, AcceptAll));
  return Decode(verified, out);
}

Code BodyVerdict(const Bytes& body) {
  NewKeys out;
  return DecodeMessage(Envelope(body), out).error().code;
}

void ExpectMalformed(const Bytes& body) {
  EXPECT_EQ(BodyVerdict(body), Code::kNewKeysMalformed);
}

TEST(NewKeysEnvelope, GivesSignerAndSignedParts) {
  const Bytes body = FullBody();
  const Bytes bytes = Envelope(body);
  const auto envelope = ParseNewKeysEnvelope(bytes);
  ASSERT_TRUE(envelope.ok());
  EXPECT_EQ(envelope->signer(), KeyId{7});
  EXPECT_EQ(envelope->signature()[63], 9);
  const auto parts = envelope->SignedParts();
  EXPECT_EQ(AsText(parts[0]), std::string_view("strata-new-keys-v1\0", 19));
  EXPECT_TRUE(Equal(parts[1], body));
}

TEST(NewKeysEnvelope, IncompleteOrTwiceOrTooLarge_IsMalformed) {
  const Bytes signer = NumberField(1, 7);
  const Bytes body = BytesField(2, {1});
  const Bytes signature = BytesField(3, Bytes(64, 9));
  EXPECT_EQ(EnvelopeVerdict(Join({signer, body, signature})), Code::kOk);
  EXPECT_EQ(EnvelopeVerdict(Join({signer, body, signature, BytesField(50, {1})})), Code::kOk);
  for (const Bytes& bad : {Bytes{},
                           Join({body, signature}),
                           Join({signer, signature}),
                           Join({signer, body}),
                           Join({NumberField(1, 0), body, signature}),
                           Join({signer, BytesField(2, {}), signature}),
                           Join({signer, body, BytesField(3, Bytes(63, 9))}),
                           Join({signer, body, BytesField(3, Bytes(65, 9))}),
                           Join({signer, signer, body, signature}),
                           Join({signer, body, body, signature}),
                           Join({signer, body, signature, signature})}) {
    EXPECT_EQ(EnvelopeVerdict(bad), Code::kNewKeysMalformed);
  }
  Bytes large = Join({signer, signature, BytesField(2, Bytes(kMaxNewKeysBytes - 71, 1))});
  ASSERT_EQ(large.size(), kMaxNewKeysBytes);
  EXPECT_EQ(EnvelopeVerdict(large), Code::kOk);
  large = Join({signer, signature, BytesField(2, Bytes(kMaxNewKeysBytes - 70, 1))});
  EXPECT_EQ(EnvelopeVerdict(large), Code::kNewKeysMalformed);
}

TEST(NewKeysVerify, AsksWithTheSignedPartsAndPassesTheRefusalOn) {
  const Bytes bytes = Envelope(FullBody());
  const auto envelope = ParseNewKeysEnvelope(bytes);
  ASSERT_TRUE(envelope.ok());
  const auto refused = VerifiedNewKeys::Verify(
      *envelope, [&](std::span<const ByteSpan> parts, const Signature& signature) -> Status {
        EXPECT_EQ(parts.size(), 2U);
        EXPECT_EQ(signature, envelope->signature());
        return Fail(Code::kSignatureInvalid);
      });
  EXPECT_EQ(refused.error().code, Code::kSignatureInvalid);
}

TEST(NewKeysBody, EveryField_IsRead) {
  const Bytes message = Envelope(FullBody());
  NewKeys keys;
  ASSERT_TRUE(DecodeMessage(message, keys).ok());
  ASSERT_EQ(keys.delete_signers.all().size(), 2U);
  EXPECT_EQ(keys.delete_signers.all()[1], KeyId{12});
  ASSERT_EQ(keys.delete_layer_keys.all().size(), 1U);
  EXPECT_EQ(keys.delete_layer_keys.all()[0], KeyId{13});
  ASSERT_EQ(keys.add_signers.all().size(), 2U);
  EXPECT_TRUE(Equal(keys.add_signers.all()[1], Point(2)));
  ASSERT_EQ(keys.add_layer_keys.all().size(), 1U);
  EXPECT_EQ(keys.add_layer_keys.all()[0].receiver, KeyId{99});
  EXPECT_TRUE(Equal(keys.add_layer_keys.all()[0].sender_pub, Point(5)));
  EXPECT_TRUE(Equal(keys.add_layer_keys.all()[0].ciphertext, Bytes(48, 0x77)));
  EXPECT_EQ(keys.sequence, 2U);
  EXPECT_EQ(keys.previous_hash, Digest::FromBytes(Bytes(32, 0xAA)));
  EXPECT_EQ(keys.fleet[15], 0xBB);
  ASSERT_EQ(keys.cloud_cas.all().size(), 1U);
  EXPECT_TRUE(Equal(keys.cloud_cas.all()[0], Bytes{0x30, 1, 2}));
}

Bytes ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(NewKeysBody, GoldenMessages_AreReadAsTheHostWroteThem) {
  const std::string folder = STRATA_SOURCE_DIR "/tests/golden/new-keys-v1/";
  const Bytes first = ReadFile(folder + "message-1.bin");
  NewKeys keys;
  ASSERT_TRUE(DecodeMessage(first, keys).ok());
  EXPECT_EQ(keys.sequence, 1U);
  EXPECT_EQ(keys.previous_hash, std::nullopt);
  EXPECT_EQ(keys.delete_signers.all()[0], KeyId{0x0123456789abcdef});
  EXPECT_EQ(keys.delete_layer_keys.all()[0], KeyId{0xfedcba9876543210});
  EXPECT_EQ(keys.add_signers.all().size(), 1U);
  EXPECT_EQ(keys.add_layer_keys.all().size(), 1U);
  EXPECT_EQ(keys.fleet[1], 0x11);
  const Bytes second = ReadFile(folder + "message-2.bin");
  ASSERT_TRUE(DecodeMessage(second, keys).ok());
  EXPECT_EQ(keys.sequence, 2U);
  EXPECT_TRUE(keys.previous_hash.has_value());
}

TEST(NewKeysBody, FirstMessage_NamesNoneBefore) {
  const Bytes message = Envelope(Join({NumberField(100, 1), BytesField(102, Bytes(16, 1))}));
  NewKeys keys;
  ASSERT_TRUE(DecodeMessage(message, keys).ok());
  EXPECT_EQ(keys.previous_hash, std::nullopt);
}

TEST(NewKeysBody, PackedIds_AreTheSame) {
  const Bytes message = Envelope(Join(
      {BytesField(1, Join({Varint(11), Varint(UINT64_MAX)})), NumberField(1, 3), PlaceFields()}));
  NewKeys keys;
  ASSERT_TRUE(DecodeMessage(message, keys).ok());
  ASSERT_EQ(keys.delete_signers.all().size(), 3U);
  EXPECT_EQ(keys.delete_signers.all()[1], KeyId{UINT64_MAX});
  ExpectMalformed(Join({BytesField(1, {0x80}), PlaceFields()}));
  ExpectMalformed(Join({BytesField(1, Bytes(9, 1)), PlaceFields()}));
  ExpectMalformed(Join({BytesField(2, Bytes(9, 1)), PlaceFields()}));
}

TEST(NewKeysBody, MoreThanThereMayBe_IsMalformed) {
  const auto verdict = [](std::size_t count, const Bytes& part) {
    return BodyVerdict(Join({Times(count, part), PlaceFields()}));
  };
  for (const auto& [part, most] : {std::pair(NumberField(1, 1), 8U),
                                   std::pair(NumberField(2, 1), 8U),
                                   std::pair(BytesField(3, Point(1)), 8U),
                                   std::pair(BytesField(4, Wrapped(1)), 16U),
                                   std::pair(BytesField(103, {1}), 2U)}) {
    EXPECT_EQ(verdict(most, part), Code::kOk);
    EXPECT_EQ(verdict(most + 1, part), Code::kNewKeysMalformed);
  }
}

TEST(NewKeysBody, WrongLengthOrNoPoint_IsMalformed) {
  Bytes compressed = Point(1);
  compressed[0] = 0x02;
  const Bytes place = PlaceFields();
  ASSERT_EQ(BodyVerdict(place), Code::kOk);
  ExpectMalformed(Join({place, BytesField(3, compressed)}));
  ExpectMalformed(Join({place, BytesField(3, Bytes(64, 4))}));
  ExpectMalformed(Join({place, BytesField(3, {})}));
  ExpectMalformed(Join({place, BytesField(4, {})}));
  ExpectMalformed(
      Join({place, BytesField(4, Join({BytesField(2, Point(1)), BytesField(3, Bytes(47, 1))}))}));
  ExpectMalformed(Join({place, BytesField(103, {})}));
  EXPECT_EQ(BodyVerdict(Join({place, BytesField(103, Bytes(1024, 1))})), Code::kOk);
  ExpectMalformed(Join({place, BytesField(103, Bytes(1025, 1))}));
  ExpectMalformed(NumberField(100, 1));
  ExpectMalformed(Join({NumberField(100, 1), BytesField(102, Bytes(15, 1))}));
  ExpectMalformed(
      Join({NumberField(100, 1), BytesField(102, Bytes(16, 1)), BytesField(101, Bytes(31, 1))}));
}

TEST(NewKeysBody, FieldTwiceWhereOneIsMeant_IsMalformed) {
  const Bytes place = PlaceFields();
  ExpectMalformed(Join({place, NumberField(100, 2)}));
  ExpectMalformed(Join({place, BytesField(101, Bytes(32, 0xAA))}));
  ExpectMalformed(Join({place, BytesField(102, Bytes(16, 0xBB))}));
  ExpectMalformed(Join({place, BytesField(4, Join({Wrapped(1), NumberField(1, 1)}))}));
  ExpectMalformed(Join({place, BytesField(4, Join({Wrapped(1), BytesField(2, Point(5))}))}));
}

TEST(NewKeysBody, UnknownFieldsAndOtherWireTypes_AreSkipped) {
  EXPECT_EQ(BodyVerdict(Join({PlaceFields(),
                              NumberField(3, 1),
                              BytesField(100, {1}),
                              NumberField(7, 1),
                              BytesField(200, {1, 2})})),
            Code::kOk);
}

TEST(NewKeysBody, AppManifestBody_IsRefused) {
  // An AppBody's layers are field 1, which here reads as packed key ids.
  EXPECT_EQ(BodyVerdict(Encoded(SampleBody())), Code::kNewKeysMalformed);
}

TEST(NewKeysBody, EveryTruncation_IsMalformedOrLosesItsPlace) {
  const Bytes body = FullBody();
  for (std::size_t size = 1; size < body.size(); ++size) {
    NewKeys keys;
    const Bytes message = Envelope(Bytes(body.begin(), body.begin() + static_cast<long>(size)));
    const bool whole = DecodeMessage(message, keys).ok();
    EXPECT_TRUE(!whole || keys.cloud_cas.all().empty()) << size;
  }
}

}  // namespace
}  // namespace strata::manifest
