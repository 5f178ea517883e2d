// SPDX-License-Identifier: Apache-2.0
#include "strata/format/wire/wire.hpp"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strata_nanopb/wire.pb.h"

namespace strata::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::string_view kAppText = "KA0123456789abcdef0123456789abcdef";
constexpr std::string_view kDeviceText = "UV0123456789abcdef0123456789abcdef";

Digest FilledDigest(std::uint8_t value) {
  Digest digest;
  digest.bytes.fill(value);
  return digest;
}

DeploymentId FilledId(std::uint8_t value) {
  DeploymentId id;
  id.fill(value);
  return id;
}

DesiredState SampleDesired() {
  DesiredState state;
  state.deployment = Deployment{*AppSid::Parse(kAppText), FilledDigest(7), FilledId(9)};
  state.restart_counter = UINT32_MAX;
  state.logging_enabled = true;
  state.keys_sequence = UINT32_MAX;
  return state;
}

Report SampleReport() {
  return {.deployment_id = FilledId(3),
          .state = UpdateState::kFailed,
          .bytes_staged = UINT32_MAX,
          .bytes_total = UINT32_MAX,
          .error = Error{static_cast<Code>(UINT16_MAX), static_cast<Op>(UINT16_MAX), UINT32_MAX},
          .keys_sequence = UINT32_MAX};
}

ReceiptBody LargestReceiptBody() {
  ReceiptBody body{.device = *DeviceSid::Parse(kDeviceText)};
  body.deployment_id = FilledId(1);
  body.manifest_hash = FilledDigest(2);
  body.body_hash = FilledDigest(3);
  for (std::size_t i = 0; i < kMaxLayers; ++i) {
    body.measurements[i] = FilledDigest(static_cast<std::uint8_t>(i));
  }
  body.measurement_count = kMaxLayers;
  body.counter = UINT64_MAX;
  body.boot_count = UINT32_MAX;
  body.verdict = Verdict::kFailed;
  body.error = Error{static_cast<Code>(UINT16_MAX), static_cast<Op>(UINT16_MAX), UINT32_MAX};
  return body;
}

template <typename Value>
Bytes Encoded(const Value& value) {
  Bytes out(kMaxMessageBytes);
  const auto size = Encode(value, out);
  EXPECT_TRUE(size.ok());
  out.resize(size.ok() ? *size : 0);
  return out;
}

// One length-delimited field; numbers and lengths below 128 only.
Bytes Field(std::uint8_t number, const Bytes& value) {
  Bytes out = {static_cast<std::uint8_t>((number << 3) | 2),
               static_cast<std::uint8_t>(value.size())};
  out.insert(out.end(), value.begin(), value.end());
  return out;
}

Bytes Text(std::string_view text) {
  return {text.begin(), text.end()};
}

Bytes Join(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

template <typename T>
void ExpectMalformed(const Result<T>& result) {
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, Code::kMalformed);
}

TEST(DesiredState, RoundTrip_LargestValues_FitTheConstant) {
  const Bytes bytes = Encoded(SampleDesired());
  EXPECT_LE(bytes.size(), kMaxDesiredStateBytes);
  const auto decoded = DecodeDesiredState(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, SampleDesired());
}

TEST(DesiredState, Decode_KnownBytes_AreTheMessageOfTheSpec) {
  const Bytes bytes = Join({Field(1, Text(kAppText)),
                            Field(2, Bytes(32, 7)),
                            Field(3, Bytes(16, 9)),
                            {0x20, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x28, 0x01},
                            {0x30, 0xff, 0xff, 0xff, 0xff, 0x0f}});
  EXPECT_EQ(Encoded(SampleDesired()), bytes);
}

TEST(DesiredState, Decode_NoBytes_IsNeverTargeted) {
  const auto decoded = DecodeDesiredState({});
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, DesiredState{});
  EXPECT_TRUE(Encoded(DesiredState{}).empty());
}

TEST(DesiredState, Decode_PartialDeployment_IsMalformed) {
  const Bytes sid = Field(1, Text(kAppText));
  const Bytes hash = Field(2, Bytes(32, 7));
  const Bytes id = Field(3, Bytes(16, 9));
  ASSERT_TRUE(DecodeDesiredState(Join({sid, hash, id})).ok());
  for (const Bytes& partial :
       {sid, hash, id, Join({sid, hash}), Join({sid, id}), Join({hash, id})}) {
    ExpectMalformed(DecodeDesiredState(partial));
  }
}

TEST(DesiredState, Decode_FieldsOfWrongSizeOrShape_AreMalformed) {
  const Bytes sid = Field(1, Text(kAppText));
  const Bytes hash = Field(2, Bytes(32, 7));
  const Bytes id = Field(3, Bytes(16, 9));
  ExpectMalformed(DecodeDesiredState(Join({Field(1, Text(kDeviceText)), hash, id})));
  ExpectMalformed(DecodeDesiredState(Join({Field(1, Text("KA0123")), hash, id})));
  ExpectMalformed(
      DecodeDesiredState(Join({Field(1, Text(std::string(kAppText) + "0")), hash, id})));
  ExpectMalformed(DecodeDesiredState(Join({sid, Field(2, Bytes(31, 7)), id})));
  ExpectMalformed(DecodeDesiredState(Join({sid, Field(2, Bytes(33, 7)), id})));
  ExpectMalformed(DecodeDesiredState(Join({sid, hash, Field(3, Bytes(15, 9))})));
  ExpectMalformed(DecodeDesiredState(Join({sid, hash, Field(3, Bytes(17, 9))})));
  const Bytes hidden = Text(std::string_view("\0A0123", 6));
  ExpectMalformed(DecodeDesiredState(Field(1, hidden)));
}

TEST(DesiredState, Decode_UnknownField_IsSkipped) {
  const Bytes bytes = Join({Encoded(SampleDesired()), {0xa2, 0x06, 0x03, 1, 2, 3}});
  const auto decoded = DecodeDesiredState(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, SampleDesired());
}

TEST(DesiredState, Decode_MoreThanAMessageMayHave_IsMalformed) {
  Bytes bytes = {0xa2, 0x06, 0xfd, 0x0f};  // field 100, 2045 bytes
  bytes.resize(4 + 2045);
  ASSERT_GT(bytes.size(), kMaxMessageBytes);
  ExpectMalformed(DecodeDesiredState(bytes));
  bytes[2] = 0xfc;
  bytes.pop_back();
  EXPECT_TRUE(DecodeDesiredState(bytes).ok());
}

TEST(DesiredState, Decode_EveryTruncation_IsMalformedOrAnEarlierMessage) {
  const Bytes bytes = Encoded(SampleDesired());
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const auto decoded = DecodeDesiredState(ByteSpan(bytes).first(size));
    EXPECT_FALSE(decoded.ok() && *decoded == SampleDesired()) << size;
  }
}

TEST(Report, RoundTrip_LargestValues_FitTheConstant) {
  const Bytes bytes = Encoded(SampleReport());
  EXPECT_LE(bytes.size(), kMaxReportBytes);
  const auto decoded = DecodeReport(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, SampleReport());
}

TEST(Report, Decode_StateOutsideTheEnumeration_IsMalformed) {
  const Bytes id = Field(1, Bytes(16, 3));
  EXPECT_TRUE(DecodeReport(Join({id, {0x10, 13}})).ok());
  ExpectMalformed(DecodeReport(id));
  ExpectMalformed(DecodeReport(Join({id, {0x10, 0}})));
  ExpectMalformed(DecodeReport(Join({id, {0x10, 14}})));
  ExpectMalformed(DecodeReport(Join({id, {0x10, 0x81, 0x80, 0x80, 0x80, 0x10}})));
}

TEST(Report, Decode_IdOrErrorOutOfRange_IsMalformed) {
  const Bytes id = Field(1, Bytes(16, 3));
  ExpectMalformed(DecodeReport(Join({Field(1, Bytes(15, 3)), {0x10, 1}})));
  ExpectMalformed(DecodeReport(Join({id, {0x10, 1, 0x28, 0x80, 0x80, 0x04}})));
  ExpectMalformed(DecodeReport(Join({id, {0x10, 1, 0x30, 0x80, 0x80, 0x04}})));
}

TEST(Report, RoundTrip_AboutKeysAlone_HasNoDeployment) {
  const Report report{.state = UpdateState::kIdle,
                      .error = Fail(Code::kNewKeysOutOfOrder, Op::kNewKeys, 3),
                      .keys_sequence = 2};
  EXPECT_EQ(Encoded(report), (Bytes{0x10, 1, 0x28, 0xb9, 0x03, 0x30, 23, 0x38, 3, 0x40, 2}));
  const auto decoded = DecodeReport(Encoded(report));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, report);
}

TEST(Report, States_AreThoseOfTheProtoAndHaveNames) {
  std::set<std::string_view> names;
  for (int state = strata_wire_UpdateState_IDLE; state <= strata_wire_UpdateState_FAILED; ++state) {
    names.insert(NameOf(static_cast<UpdateState>(state)));
  }
  EXPECT_EQ(names.size(), 13U);
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(NameOf(UpdateState::kVerifyingStaged), "VerifyingStaged");
  EXPECT_EQ(static_cast<int>(UpdateState::kFetchingLayers),
            static_cast<int>(strata_wire_UpdateState_FETCHING_LAYERS));
  EXPECT_EQ(static_cast<int>(Verdict::kReverted),
            static_cast<int>(strata_wire_Verdict_VERDICT_REVERTED));
}

TEST(ReceiptBody, RoundTrip_LargestValues_FitTheConstant) {
  const Bytes bytes = Encoded(LargestReceiptBody());
  EXPECT_LE(bytes.size(), kMaxReceiptBodyBytes);
  const auto decoded = DecodeReceiptBody(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->device.text(), kDeviceText);
  EXPECT_EQ(decoded->body_hash, FilledDigest(3));
  EXPECT_EQ(decoded->measurement_count, kMaxLayers);
  EXPECT_EQ(decoded->measurements[31], FilledDigest(31));
  EXPECT_EQ(decoded->counter, UINT64_MAX);
  EXPECT_EQ(decoded->verdict, Verdict::kFailed);
  EXPECT_EQ(decoded->error, LargestReceiptBody().error);
  EXPECT_EQ(Encoded(*decoded), bytes);
}

TEST(ReceiptBody, Decode_NoAcceptedManifest_HasNoBodyHash) {
  ReceiptBody body = LargestReceiptBody();
  body.body_hash.reset();
  body.measurement_count = 0;
  const auto decoded = DecodeReceiptBody(Encoded(body));
  ASSERT_TRUE(decoded.ok());
  EXPECT_FALSE(decoded->body_hash.has_value());
  EXPECT_EQ(decoded->measurement_count, 0U);
}

TEST(ReceiptBody, Decode_FieldsOfWrongForm_AreMalformed) {
  const Bytes sid = Field(1, Text(kDeviceText));
  const Bytes id = Field(2, Bytes(16, 1));
  const Bytes hash = Field(3, Bytes(32, 2));
  const Bytes verdict = {0x40, 1};
  ASSERT_TRUE(DecodeReceiptBody(Join({sid, id, hash, verdict})).ok());
  ExpectMalformed(DecodeReceiptBody(Join({id, hash, verdict})));
  ExpectMalformed(DecodeReceiptBody(Join({sid, hash, verdict})));
  ExpectMalformed(DecodeReceiptBody(Join({sid, id, verdict})));
  ExpectMalformed(DecodeReceiptBody(Join({sid, id, hash})));
  ExpectMalformed(DecodeReceiptBody(Join({sid, id, hash, {0x40, 4}})));
  ExpectMalformed(DecodeReceiptBody(Join({Field(1, Text(kAppText)), id, hash, verdict})));
  ExpectMalformed(DecodeReceiptBody(Join({sid, id, hash, verdict, Field(4, Bytes(31, 2))})));
  ExpectMalformed(DecodeReceiptBody(Join({sid, id, hash, verdict, Field(5, Bytes(31, 2))})));
  ExpectMalformed(DecodeReceiptBody(Join({sid, id, hash, verdict, Field(5, {})})));
}

TEST(ReceiptBody, Decode_MoreMeasurementsThanLayers_IsMalformed) {
  ReceiptBody body = LargestReceiptBody();
  body.counter = 0;
  body.error = {};
  body.body_hash.reset();
  Bytes bytes = Encoded(body);
  ASSERT_TRUE(DecodeReceiptBody(bytes).ok());
  bytes = Join({bytes, Field(5, Bytes(32, 1))});
  ASSERT_LE(bytes.size(), kMaxReceiptBodyBytes);
  ExpectMalformed(DecodeReceiptBody(bytes));
}

TEST(ReceiptBody, Encode_MoreMeasurementsThanLayers_IsRefused) {
  ReceiptBody body = LargestReceiptBody();
  body.measurement_count = kMaxLayers + 1;
  Bytes out(kMaxMessageBytes);
  EXPECT_EQ(Encode(body, out).error().code, Code::kInvalidArgument);
}

TEST(Receipt, RoundTrip_LargestBody_FitsTheConstant) {
  const Bytes body(kMaxReceiptBodyBytes, 0x5a);
  Receipt receipt{.body = body};
  receipt.signature.fill(0xee);
  const Bytes bytes = Encoded(receipt);
  EXPECT_LE(bytes.size(), kMaxReceiptBytes);
  Bytes storage(kMaxReceiptBodyBytes);
  const auto decoded = DecodeReceipt(bytes, storage);
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE(Equal(decoded->body, body));
  EXPECT_EQ(decoded->body.data(), storage.data());
  EXPECT_EQ(decoded->signature, receipt.signature);
}

TEST(Receipt, Decode_BodyOrSignatureOfWrongSize_IsMalformed) {
  Bytes storage(kMaxReceiptBodyBytes);
  const Bytes body = Field(1, {1, 2, 3});
  const Bytes signature = Field(2, Bytes(64, 1));
  ASSERT_TRUE(DecodeReceipt(Join({body, signature}), storage).ok());
  ExpectMalformed(DecodeReceipt(body, storage));
  ExpectMalformed(DecodeReceipt(signature, storage));
  ExpectMalformed(DecodeReceipt(Join({body, Field(2, Bytes(63, 1))}), storage));
  ExpectMalformed(DecodeReceipt(Join({body, Field(2, Bytes(65, 1))}), storage));
  Bytes too_long = {0x0a, 0x81, 0x0a};  // 1281 bytes
  too_long.resize(3 + kMaxReceiptBodyBytes + 1);
  ExpectMalformed(DecodeReceipt(Join({too_long, signature}), storage));
}

TEST(Receipt, Decode_StorageTooSmall_IsRefused) {
  Bytes storage(kMaxReceiptBodyBytes - 1);
  const Bytes bytes = Join({Field(1, {1, 2, 3}), Field(2, Bytes(64, 1))});
  EXPECT_EQ(DecodeReceipt(bytes, storage).error().code, Code::kTooLarge);
}

TEST(Encode, OutputSmallerThanTheConstant_IsRefused) {
  Bytes out(kMaxDesiredStateBytes - 1);
  EXPECT_EQ(Encode(DesiredState{}, out).error().code, Code::kTooLarge);
  out.resize(kMaxReportBytes - 1);
  EXPECT_EQ(Encode(Report{}, out).error().code, Code::kTooLarge);
  out.resize(kMaxReceiptBodyBytes - 1);
  EXPECT_EQ(Encode(LargestReceiptBody(), out).error().code, Code::kTooLarge);
  out.resize(kMaxReceiptBytes - 1);
  const Bytes body = {1};
  EXPECT_EQ(Encode(Receipt{.body = body}, out).error().code, Code::kTooLarge);
}

TEST(Encode, ReceiptWithoutBody_IsRefused) {
  Bytes out(kMaxMessageBytes);
  EXPECT_EQ(Encode(Receipt{}, out).error().code, Code::kInvalidArgument);
  const Bytes body(kMaxReceiptBodyBytes + 1);
  EXPECT_EQ(Encode(Receipt{.body = body}, out).error().code, Code::kInvalidArgument);
}

TEST(Decode, WrongWireTypeOrZeroTag_IsMalformed) {
  Bytes storage(kMaxReceiptBodyBytes);
  for (const Bytes& bytes : {Bytes{0x08, 0x01}, Bytes{0x00}, Bytes{0x0a}, Bytes{0x0f}}) {
    ExpectMalformed(DecodeDesiredState(bytes));
    ExpectMalformed(DecodeReport(bytes));
    ExpectMalformed(DecodeReceiptBody(bytes));
    ExpectMalformed(DecodeReceipt(bytes, storage));
  }
}

}  // namespace
}  // namespace strata::wire
