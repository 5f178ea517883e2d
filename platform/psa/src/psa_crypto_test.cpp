// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gtest/gtest.h>

#include "psa_test_util.hpp"

namespace strata::platform {
namespace {

using HashTest = PsaTest;
using HmacTest = PsaTest;
using AeadTest = PsaTest;
using VerifyTest = PsaTest;
using EcdhTest = PsaTest;

constexpr std::string_view kAbcDigest =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

Code CodeOf(const Status& status) {
  return status.error().code;
}

TEST_F(HashTest, Finish_OfKnownMessages_GivesFips180) {
  ports::HashState state;
  Digest digest;
  ASSERT_TRUE(crypto_.HashStart(state).ok());
  ASSERT_TRUE(crypto_.HashFinish(state, digest).ok());
  EXPECT_EQ(
      digest,
      Digest::FromHexText("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  ASSERT_TRUE(crypto_.HashStart(state).ok());
  ASSERT_TRUE(crypto_.HashUpdate(state, AsBytes("a")).ok());
  ASSERT_TRUE(crypto_.HashUpdate(state, {}).ok());
  ASSERT_TRUE(crypto_.HashUpdate(state, AsBytes("bc")).ok());
  ASSERT_TRUE(crypto_.HashFinish(state, digest).ok());
  EXPECT_EQ(digest, Digest::FromHexText(kAbcDigest));
}

TEST_F(HashTest, Start_OnARunningState_BeginsAnew) {
  ports::HashState state;
  Digest digest;
  ASSERT_TRUE(crypto_.HashStart(state).ok());
  ASSERT_TRUE(crypto_.HashUpdate(state, AsBytes("left over")).ok());
  ASSERT_TRUE(crypto_.HashStart(state).ok());
  ASSERT_TRUE(crypto_.HashUpdate(state, AsBytes("abc")).ok());
  ASSERT_TRUE(crypto_.HashFinish(state, digest).ok());
  EXPECT_EQ(digest, Digest::FromHexText(kAbcDigest));
}

TEST_F(HashTest, UpdateOrFinish_WithoutStart_Fails) {
  ports::HashState state;
  Digest digest;
  EXPECT_EQ(CodeOf(crypto_.HashUpdate(state, AsBytes("abc"))), Code::kCryptoFailed);
  EXPECT_EQ(CodeOf(crypto_.HashFinish(state, digest)), Code::kCryptoFailed);
  ASSERT_TRUE(crypto_.HashStart(state).ok());
  ASSERT_TRUE(crypto_.HashFinish(state, digest).ok());
  EXPECT_EQ(CodeOf(crypto_.HashFinish(state, digest)), Code::kCryptoFailed);
}

TEST_F(HmacTest, Rfc4231_Cases1And2And6_Match) {
  Digest out;
  const std::array<ByteSpan, 2> hi = {AsBytes("Hi "), AsBytes("There")};
  ASSERT_TRUE(crypto_.Hmac(Bytes(20, 0x0b), hi, out).ok());
  EXPECT_EQ(
      out, Digest::FromHexText("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
  const ByteSpan question = AsBytes("what do ya want for nothing?");
  ASSERT_TRUE(crypto_.Hmac(AsBytes("Jefe"), {&question, 1}, out).ok());
  EXPECT_EQ(
      out, Digest::FromHexText("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
  const ByteSpan larger = AsBytes("Test Using Larger Than Block-Size Key - Hash Key First");
  ASSERT_TRUE(crypto_.Hmac(Bytes(131, 0xaa), {&larger, 1}, out).ok());
  EXPECT_EQ(
      out, Digest::FromHexText("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

TEST_F(HmacTest, EmptyKeyAndNoParts_GiveTheKnownValue) {
  Digest out;
  ASSERT_TRUE(crypto_.Hmac({}, {}, out).ok());
  EXPECT_EQ(
      out, Digest::FromHexText("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
}

// The GCM specification's test case 4, as in NIST's validation suite.
struct GcmVector {
  ports::AeadKey key = HexArray<ports::AeadKey>("feffe9928665731c6d6a8f9467308308");
  ports::AeadNonce nonce = HexArray<ports::AeadNonce>("cafebabefacedbaddecaf888");
  Bytes aad = Hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  Bytes plaintext =
      Hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  Bytes sealed =
      Hex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
          "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
          "5bc94fbc3221a5db94fae95ae7121a47");
};

TEST_F(AeadTest, SealAndOpen_NistVector_Match) {
  const GcmVector v;
  Bytes sealed(v.plaintext.size() + ports::kAeadTagBytes);
  ASSERT_TRUE(crypto_.Seal(v.key, v.nonce, v.aad, v.plaintext, sealed).ok());
  EXPECT_EQ(sealed, v.sealed);
  Bytes opened(v.plaintext.size());
  ASSERT_TRUE(crypto_.Open(v.key, v.nonce, v.aad, v.sealed, opened).ok());
  EXPECT_EQ(opened, v.plaintext);
}

// The header of Mbed TLS 2.28 forbids this for opening, its code allows it: the port promises it.
TEST_F(AeadTest, SealAndOpen_InPlace_Match) {
  const GcmVector v;
  Bytes bytes = v.plaintext;
  bytes.resize(v.sealed.size());
  const MutableByteSpan whole(bytes);
  const MutableByteSpan plain = whole.first(v.plaintext.size());
  ASSERT_TRUE(crypto_.Seal(v.key, v.nonce, v.aad, plain, whole).ok());
  EXPECT_EQ(bytes, v.sealed);
  ASSERT_TRUE(crypto_.Open(v.key, v.nonce, v.aad, whole, plain).ok());
  EXPECT_TRUE(std::equal(v.plaintext.begin(), v.plaintext.end(), plain.begin()));
}

TEST_F(AeadTest, OpenInPlace_WithAnythingChanged_IsStagingCorrupt) {
  const GcmVector good;
  for (std::size_t i = 0; i < good.sealed.size(); ++i) {
    Bytes bytes = good.sealed;
    bytes[i] ^= 0x01;
    const MutableByteSpan whole(bytes);
    const MutableByteSpan plain = whole.first(good.plaintext.size());
    EXPECT_EQ(CodeOf(crypto_.Open(good.key, good.nonce, good.aad, whole, plain)),
              Code::kStagingCorrupt);
  }
}

TEST_F(AeadTest, SealAndOpen_OfNothing_IsTheTag) {
  const ports::AeadKey key{};
  const ports::AeadNonce nonce{};
  Bytes tag(ports::kAeadTagBytes);
  ASSERT_TRUE(crypto_.Seal(key, nonce, {}, {}, tag).ok());
  EXPECT_EQ(tag, Hex("58e2fccefa7e3061367f1d57a4e7455a"));
  EXPECT_TRUE(crypto_.Open(key, nonce, {}, tag, {}).ok());
}

TEST_F(AeadTest, Open_WithAnythingChanged_IsStagingCorrupt) {
  const GcmVector good;
  Bytes out(good.plaintext.size());
  for (std::size_t i = 0; i < good.sealed.size(); ++i) {
    GcmVector v;
    v.sealed[i] ^= 0x01;
    EXPECT_EQ(CodeOf(crypto_.Open(v.key, v.nonce, v.aad, v.sealed, out)), Code::kStagingCorrupt);
  }
  GcmVector v;
  v.key[15] ^= 0x80;
  EXPECT_EQ(CodeOf(crypto_.Open(v.key, v.nonce, v.aad, v.sealed, out)), Code::kStagingCorrupt);
  v = GcmVector();
  v.nonce[0] ^= 0x01;
  EXPECT_EQ(CodeOf(crypto_.Open(v.key, v.nonce, v.aad, v.sealed, out)), Code::kStagingCorrupt);
  v = GcmVector();
  v.aad.pop_back();
  EXPECT_EQ(CodeOf(crypto_.Open(v.key, v.nonce, v.aad, v.sealed, out)), Code::kStagingCorrupt);
}

TEST_F(AeadTest, WrongSizes_AreRefused) {
  const GcmVector v;
  Bytes out(v.plaintext.size());
  EXPECT_EQ(CodeOf(crypto_.Seal(v.key, v.nonce, v.aad, v.plaintext, out)), Code::kCryptoFailed);
  out.push_back(0);
  EXPECT_EQ(CodeOf(crypto_.Open(v.key, v.nonce, v.aad, v.sealed, out)), Code::kCryptoFailed);
  const ByteSpan short_tag = ByteSpan(v.sealed).first(ports::kAeadTagBytes - 1);
  EXPECT_EQ(CodeOf(crypto_.Open(v.key, v.nonce, v.aad, short_tag, {})), Code::kStagingCorrupt);
}

TEST_F(VerifyTest, Rfc6979Signature_Verifies) {
  const std::array<ByteSpan, 2> parts = {AsBytes("sam"), AsBytes("ple")};
  EXPECT_TRUE(crypto_.Verify(KnownPublicKey(), parts, KnownSignature()).ok());
}

TEST_F(VerifyTest, EveryFlippedBitOfAByteOfTheSignature_IsSignatureInvalid) {
  const ByteSpan message = AsBytes("sample");
  for (std::size_t i = 0; i < sizeof(Signature); ++i) {
    Signature signature = KnownSignature();
    signature[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    EXPECT_EQ(CodeOf(crypto_.Verify(KnownPublicKey(), {&message, 1}, signature)),
              Code::kSignatureInvalid)
        << i;
  }
}

TEST_F(VerifyTest, DegenerateOrOutOfRangeSignature_IsSignatureInvalid) {
  const ByteSpan message = AsBytes("sample");
  const Scalar order = GroupOrder();
  for (const std::size_t half : {0U, 32U}) {
    Signature zero = KnownSignature();
    std::fill_n(zero.begin() + half, 32, std::uint8_t{0});
    EXPECT_EQ(CodeOf(crypto_.Verify(KnownPublicKey(), {&message, 1}, zero)),
              Code::kSignatureInvalid);
    Signature large = KnownSignature();
    std::copy(order.begin(), order.end(), large.begin() + half);
    EXPECT_EQ(CodeOf(crypto_.Verify(KnownPublicKey(), {&message, 1}, large)),
              Code::kSignatureInvalid);
  }
  EXPECT_EQ(CodeOf(crypto_.Verify(KnownPublicKey(), {&message, 1}, Signature{})),
            Code::kSignatureInvalid);
}

TEST_F(VerifyTest, OtherMessage_IsSignatureInvalid) {
  const ByteSpan message = AsBytes("samplf");
  EXPECT_EQ(CodeOf(crypto_.Verify(KnownPublicKey(), {&message, 1}, KnownSignature())),
            Code::kSignatureInvalid);
}

TEST_F(VerifyTest, KeyThatIsNoPoint_IsKeyInvalid) {
  const ByteSpan message = AsBytes("sample");
  PublicKey off_curve = KnownPublicKey();
  off_curve[64] ^= 0x01;
  PublicKey too_large = KnownPublicKey();
  std::fill(too_large.begin() + 1, too_large.end(), std::uint8_t{0xff});
  PublicKey compressed = KnownPublicKey();
  compressed[0] = 0x03;
  PublicKey origin{};
  origin[0] = 0x04;
  for (const PublicKey& key : {off_curve, too_large, compressed, origin, PublicKey{}}) {
    EXPECT_EQ(CodeOf(crypto_.Verify(key, {&message, 1}, KnownSignature())), Code::kKeyInvalid);
  }
}

// RFC 9180 A.3.1.
constexpr std::string_view kSkEphemeral =
    "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb";
constexpr std::string_view kPkEphemeral =
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
    "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4";
constexpr std::string_view kSkRecipient =
    "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2";
constexpr std::string_view kPkRecipient =
    "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82"
    "6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0";

TEST_F(EcdhTest, Rfc9180Keys_GiveItsSharedSecretFromBothSides) {
  const auto enc = HexArray<PublicKey>(kPkEphemeral);
  const auto recipient = HexArray<PublicKey>(kPkRecipient);
  std::array<std::uint8_t, 32> sender_dh{};
  std::array<std::uint8_t, 32> recipient_dh{};
  ASSERT_TRUE(crypto_.Ecdh(HexArray<Scalar>(kSkEphemeral), recipient, sender_dh).ok());
  ASSERT_TRUE(crypto_.Ecdh(HexArray<Scalar>(kSkRecipient), enc, recipient_dh).ok());
  EXPECT_EQ(sender_dh, recipient_dh);

  // ExtractAndExpand of section 4.1.
  const Bytes suite = {'K', 'E', 'M', 0x00, 0x10};
  const std::array<ByteSpan, 4> extract = {
      AsBytes("HPKE-v1"), suite, AsBytes("eae_prk"), recipient_dh};
  Digest prk;
  ASSERT_TRUE(crypto_.Hmac({}, extract, prk).ok());
  const Bytes length = {0x00, 0x20};
  const Bytes counter = {0x01};
  const std::array<ByteSpan, 7> expand = {
      length, AsBytes("HPKE-v1"), suite, AsBytes("shared_secret"), enc, recipient, counter};
  Digest secret;
  ASSERT_TRUE(crypto_.Hmac(prk.bytes, expand, secret).ok());
  EXPECT_EQ(
      secret,
      Digest::FromHexText("c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8"));
}

TEST_F(EcdhTest, PublicOf_KnownScalar_IsItsPoint) {
  PublicKey out{};
  ASSERT_TRUE(crypto_.PublicOf(HexArray<Scalar>(kSkRecipient), out).ok());
  EXPECT_EQ(out, HexArray<PublicKey>(kPkRecipient));
}

TEST_F(EcdhTest, ScalarOutsideTheGroup_IsKeyInvalid) {
  std::array<std::uint8_t, 32> out{};
  PublicKey key{};
  Scalar ones{};
  ones.fill(0xff);
  for (const Scalar& scalar : {Scalar{}, GroupOrder(), ones}) {
    EXPECT_EQ(CodeOf(crypto_.Ecdh(scalar, KnownPublicKey(), out)), Code::kKeyInvalid);
    EXPECT_EQ(CodeOf(crypto_.PublicOf(scalar, key)), Code::kKeyInvalid);
  }
  Scalar largest = GroupOrder();
  largest[31] -= 1;
  EXPECT_TRUE(crypto_.PublicOf(largest, key).ok());
}

TEST_F(EcdhTest, PeerThatIsNoPoint_IsKeyInvalid) {
  std::array<std::uint8_t, 32> out{};
  PublicKey off_curve = KnownPublicKey();
  off_curve[1] ^= 0x01;
  PublicKey origin{};
  origin[0] = 0x04;
  for (const PublicKey& peer : {off_curve, origin, PublicKey{}}) {
    EXPECT_EQ(CodeOf(crypto_.Ecdh(KnownScalar(), peer, out)), Code::kKeyInvalid);
  }
}

// The library has room for 32 keys; a leaked one each time would end this early.
TEST_F(EcdhTest, ManyCallsGoodAndBad_LeaveNoKeyBehind) {
  std::array<std::uint8_t, 32> out{};
  PublicKey off_curve = KnownPublicKey();
  off_curve[1] ^= 0x01;
  const ByteSpan message = AsBytes("other");
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(crypto_.Ecdh(KnownScalar(), KnownPublicKey(), out).ok());
    ASSERT_EQ(CodeOf(crypto_.Ecdh(KnownScalar(), off_curve, out)), Code::kKeyInvalid);
    ASSERT_EQ(CodeOf(crypto_.Verify(KnownPublicKey(), {&message, 1}, KnownSignature())),
              Code::kSignatureInvalid);
  }
}

}  // namespace
}  // namespace strata::platform
