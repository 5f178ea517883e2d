// SPDX-License-Identifier: Apache-2.0
/// Known answers for the Crypto and Identity ports over Mbed TLS.
/// Source: FIPS 180-4 examples; RFC 4231 §4.3; GCM specification (McGrew, Viega) test case 4; RFC
/// 6979 A.2.5; RFC 5903 §8.1.
#include "strata/platform/psa/psa_crypto.hpp"

#include "cases.hpp"

namespace strata::device_test {
namespace {

using platform::PsaCrypto;

constexpr auto kEcdsaPrivate =
    Hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
constexpr PublicKey kEcdsaPublic =
    Hex("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
constexpr Signature kEcdsaSignature =
    Hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
constexpr auto kSample = Hex("73616d706c65");

bool Sha256OfAMillionLettersInPieces() {
  PsaCrypto crypto;
  ports::HashState state;
  std::array<std::uint8_t, 1000> piece{};
  piece.fill('a');
  Digest digest;
  bool ok = crypto.HashStart(state).ok();
  for (int i = 0; i < 1000; ++i) {
    ok = ok && crypto.HashUpdate(state, piece).ok();
  }
  ok = ok && crypto.HashFinish(state, digest).ok();
  return ok && Same(digest.bytes,
                    Hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

bool Sha256OfNothing() {
  PsaCrypto crypto;
  ports::HashState state;
  Digest digest;
  return crypto.HashStart(state).ok() && crypto.HashFinish(state, digest).ok() &&
         Same(digest.bytes,
              Hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

bool HmacInParts() {
  PsaCrypto crypto;
  constexpr auto kKey = Hex("4a656665");
  constexpr auto kFirst = Hex("7768617420646f2079612077616e7420");
  constexpr auto kSecond = Hex("666f72206e6f7468696e673f");
  const std::array<ByteSpan, 2> parts = {kFirst, kSecond};
  Digest mac;
  return crypto.Hmac(kKey, parts, mac).ok() &&
         Same(mac.bytes, Hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}

constexpr ports::AeadKey kGcmKey = Hex("feffe9928665731c6d6a8f9467308308");
constexpr ports::AeadNonce kGcmNonce = Hex("cafebabefacedbaddecaf888");
constexpr auto kGcmAad = Hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
constexpr auto kGcmPlain =
    Hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
constexpr auto kGcmSealed =
    Hex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
        "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47");

bool GcmSeals() {
  PsaCrypto crypto;
  std::array<std::uint8_t, kGcmSealed.size()> sealed{};
  return crypto.Seal(kGcmKey, kGcmNonce, kGcmAad, kGcmPlain, sealed).ok() &&
         Same(sealed, kGcmSealed);
}

bool GcmOpensAndRefusesEachChangedByte() {
  PsaCrypto crypto;
  std::array<std::uint8_t, kGcmPlain.size()> plain{};
  if (!crypto.Open(kGcmKey, kGcmNonce, kGcmAad, kGcmSealed, plain).ok() ||
      !Same(plain, kGcmPlain)) {
    return false;
  }
  for (std::size_t i = 0; i < kGcmSealed.size(); ++i) {
    auto changed = kGcmSealed;
    changed[i] ^= 1;
    const Status opened = crypto.Open(kGcmKey, kGcmNonce, kGcmAad, changed, plain);
    if (opened.error().code != Code::kStagingCorrupt) {
      return false;
    }
  }
  return true;
}

bool GcmSealsAndOpensInPlace() {
  PsaCrypto crypto;
  std::array<std::uint8_t, kGcmSealed.size()> bytes{};
  const MutableByteSpan plain = MutableByteSpan(bytes).first(kGcmPlain.size());
  std::copy(kGcmPlain.begin(), kGcmPlain.end(), plain.begin());
  return crypto.Seal(kGcmKey, kGcmNonce, kGcmAad, plain, bytes).ok() && Same(bytes, kGcmSealed) &&
         crypto.Open(kGcmKey, kGcmNonce, kGcmAad, bytes, plain).ok() && Same(plain, kGcmPlain);
}

bool EcdsaVerifiesAndRefusesAChange() {
  PsaCrypto crypto;
  const std::array<ByteSpan, 1> parts = {kSample};
  auto changed = kEcdsaSignature;
  changed[40] ^= 1;
  return crypto.Verify(kEcdsaPublic, parts, kEcdsaSignature).ok() &&
         crypto.Verify(kEcdsaPublic, parts, changed).error().code == Code::kSignatureInvalid;
}

bool EcdsaRefusesAKeyOffTheCurve() {
  PsaCrypto crypto;
  const std::array<ByteSpan, 1> parts = {kSample};
  auto off_curve = kEcdsaPublic;
  off_curve[64] ^= 1;
  return crypto.Verify(off_curve, parts, kEcdsaSignature).error().code == Code::kKeyInvalid;
}

bool IdentitySignsDeterministically() {
  const auto sid = DeviceSid::Parse("UV00000000000000000000000000000001");
  platform::PsaIdentity identity(*sid);
  const std::array<ByteSpan, 1> parts = {kSample};
  if (!identity.Load(kEcdsaPrivate).ok()) {
    return false;
  }
  const Result<Signature> signature = identity.Sign(parts);
  return signature.ok() && *signature == kEcdsaSignature;
}

bool EcdhAgrees() {
  PsaCrypto crypto;
  constexpr auto kPrivate = Hex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
  constexpr PublicKey kPeer =
      Hex("04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
          "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab");
  std::array<std::uint8_t, 32> shared{};
  return crypto.Ecdh(kPrivate, kPeer, shared).ok() &&
         Same(shared, Hex("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"));
}

bool PublicOfAPrivateKey() {
  PsaCrypto crypto;
  PublicKey key{};
  return crypto.PublicOf(kEcdsaPrivate, key).ok() && key == kEcdsaPublic;
}

constexpr std::array<Case, 11> kCases = {{
    {"Sha256_OfNothing_IsKnown", Sha256OfNothing},
    {"Sha256_AMillionLettersInPieces_IsKnown", Sha256OfAMillionLettersInPieces},
    {"Hmac_InParts_IsKnown", HmacInParts},
    {"Gcm_Seal_GivesTheKnownBytes", GcmSeals},
    {"Gcm_Open_OpensAndRefusesEachChangedByte", GcmOpensAndRefusesEachChangedByte},
    {"Gcm_InPlace_SealsAndOpens", GcmSealsAndOpensInPlace},
    {"Ecdsa_Verify_AcceptsTheKnownAndRefusesAChange", EcdsaVerifiesAndRefusesAChange},
    {"Ecdsa_KeyOffTheCurve_IsRefused", EcdsaRefusesAKeyOffTheCurve},
    {"Identity_Sign_IsDeterministic", IdentitySignsDeterministically},
    {"Ecdh_Agreement_IsKnown", EcdhAgrees},
    {"PublicOf_PrivateKey_IsKnown", PublicOfAPrivateKey},
}};

}  // namespace

std::span<const Case> CryptoCases() {
  return kCases;
}

}  // namespace strata::device_test
