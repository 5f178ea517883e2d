// SPDX-License-Identifier: Apache-2.0
#include "receipt_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata::conformance {
namespace {

using testing::HasSubstr;

class Receipts : public testing::Test {
 protected:
  Receipts() {
    app_.measurements = {bundle::Sha256(AsBytes("1")), bundle::Sha256(AsBytes("2"))};
    app_.manifest_hash = bundle::Sha256(AsBytes("manifest"));
    app_.body_hash = bundle::Sha256(AsBytes("body"));
    body_.manifest_hash = app_.manifest_hash;
    body_.body_hash = app_.body_hash;
    body_.measurements[0] = app_.measurements[0];
    body_.measurements[1] = app_.measurements[1];
    body_.measurement_count = 2;
    body_.counter = 1;
    body_.verdict = wire::Verdict::kConfirmed;
  }

  /// The encoded receipt over `body_`.
  Bytes Signed(const bundle::PrivateKey& key, std::string_view prefix = bundle::kReceiptPrefix) {
    std::array<std::uint8_t, wire::kMaxReceiptBodyBytes> bytes{};
    const std::size_t size = wire::Encode(body_, bytes).value();
    const ByteSpan content = ByteSpan(bytes).first(size);
    wire::Receipt receipt{.body = content, .signature = *key.Sign(prefix, content)};
    Bytes out(wire::kMaxReceiptBytes);
    out.resize(wire::Encode(receipt, out).value());
    return out;
  }

  std::string Read(const Bytes& bytes) {
    return ReadReceipt(bytes, sid_, key_.public_key()).problem;
  }

  bundle::PrivateKey key_ = std::move(bundle::PrivateKey::Generate()).value();
  DeviceSid sid_ = DeviceSid::FromBytes(RandomId());
  App app_{AppSid::FromBytes(RandomId()), {}, {}, {}, {}, {}};
  wire::ReceiptBody body_{.device = sid_};
};

TEST_F(Receipts, TheDevicesOwn_IsFineAndReadable) {
  const ReceiptSeen seen = ReadReceipt(Signed(key_), sid_, key_.public_key());
  EXPECT_EQ(seen.problem, "");
  ASSERT_TRUE(seen.body);
  EXPECT_EQ(seen.body->counter, 1U);
  EXPECT_EQ(ProblemWith(*seen.body, app_), "");
}

TEST_F(Receipts, EveryBitFlipped_IsAProblem) {
  const Bytes good = Signed(key_);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_NE(Read(bad), "") << bit;
  }
}

TEST_F(Receipts, OfAnotherKeyKindOrDevice_IsAProblem) {
  const auto other = std::move(bundle::PrivateKey::Generate()).value();
  EXPECT_THAT(Read(Signed(other)), HasSubstr("signature"));
  EXPECT_THAT(Read(Signed(key_, bundle::kManifestPrefix)), HasSubstr("signature"));
  body_.device = DeviceSid::FromBytes(RandomId());
  EXPECT_THAT(Read(Signed(key_)), HasSubstr("another device"));
  EXPECT_THAT(Read(Bytes(3000, 0)), HasSubstr("3000 bytes"));
}

TEST_F(Receipts, ConfirmedWithoutProof_IsAProblem) {
  wire::ReceiptBody body = body_;
  body.measurement_count = 1;
  EXPECT_NE(ProblemWith(body, app_), "");
  body = body_;
  std::swap(body.measurements[0], body.measurements[1]);
  EXPECT_NE(ProblemWith(body, app_), "");
  body = body_;
  body.body_hash.reset();
  EXPECT_NE(ProblemWith(body, app_), "");
  body = body_;
  body.error = Fail(Code::kTimeout);
  EXPECT_NE(ProblemWith(body, app_), "");
  body = body_;
  body.manifest_hash = {};
  EXPECT_NE(ProblemWith(body, app_), "");
}

TEST_F(Receipts, FailureSaysWhyAndMeasuresNothing) {
  wire::ReceiptBody body = body_;
  body.verdict = wire::Verdict::kFailed;
  body.error = Fail(Code::kSignerUnknown);
  EXPECT_NE(ProblemWith(body, app_), "");
  body.measurement_count = 0;
  EXPECT_EQ(ProblemWith(body, app_), "");
  body.body_hash.reset();
  EXPECT_EQ(ProblemWith(body, app_), "");
  body.body_hash = Digest{};
  EXPECT_NE(ProblemWith(body, app_), "");
  body.body_hash.reset();
  body.error = {};
  EXPECT_NE(ProblemWith(body, app_), "");
}

}  // namespace
}  // namespace strata::conformance
