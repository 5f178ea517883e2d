// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/keys.hpp"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "bundles_for_test.hpp"
#include "openssl.hpp"
#include "sign_digest.hpp"

namespace strata::bundle {
namespace {

std::string PrivatePem(EVP_PKEY* key, const char* password = nullptr) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(),
                                key,
                                password == nullptr ? nullptr : EVP_aes_128_cbc(),
                                password,
                                password == nullptr ? 0 : 4,
                                nullptr,
                                nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string PublicPem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), key);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

TEST(SignDigest, Rfc6979ExampleA25_GivesItsSignature) {
  const PrivateKey key = PublishedKey();
  EXPECT_EQ(HexText(key.public_key()),
            "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  const auto signature = SignDigest(key.scalar(), Sha256(AsBytes("sample")));
  ASSERT_TRUE(signature);
  EXPECT_EQ(HexText(*signature),
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
}

TEST(PrivateKey, Sign_Twice_SameBytesAndValid) {
  const PrivateKey key = NewKey();
  const Bytes message = Pattern(1000);
  const auto first = key.Sign(kManifestPrefix, message);
  const auto second = key.Sign(kManifestPrefix, message);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  EXPECT_TRUE(VerifySignature(key.public_key(), kManifestPrefix, message, *first));
}

TEST(VerifySignature, AnythingDifferent_IsInvalid) {
  const PrivateKey key = NewKey();
  const Bytes message = Pattern(64);
  const Signature good = *key.Sign(kManifestPrefix, message);
  EXPECT_FALSE(VerifySignature(key.public_key(), kReceiptPrefix, message, good));
  EXPECT_FALSE(VerifySignature(NewKey().public_key(), kManifestPrefix, message, good));
  EXPECT_FALSE(VerifySignature(key.public_key(), kManifestPrefix, Pattern(65), good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    Signature bad = good;
    bad[i] ^= 0x40;
    EXPECT_FALSE(VerifySignature(key.public_key(), kManifestPrefix, message, bad)) << i;
  }
  EXPECT_FALSE(VerifySignature(key.public_key(), kManifestPrefix, message, Signature{}));
}

TEST(VerifySignature, PrefixAndMessageMoved_IsInvalid) {
  const PrivateKey key = NewKey();
  const Signature signature = *key.Sign("ab", AsBytes("cd"));
  EXPECT_TRUE(VerifySignature(key.public_key(), "ab", AsBytes("cd"), signature));
  EXPECT_FALSE(VerifySignature(key.public_key(), "abc", AsBytes("d"), signature));
}

TEST(VerifySignature, KeyNotOnCurve_IsInvalid) {
  PublicKey key = NewKey().public_key();
  key[64] ^= 1;
  EXPECT_FALSE(VerifySignature(key, kManifestPrefix, Pattern(4), Signature{}));
  EXPECT_EQ(CodeOf(PublicKeyToPem(key)), Code::kKeyInvalid);
}

TEST(PrivateKey, Pem_RoundTrip_SameKey) {
  const PrivateKey key = NewKey();
  const auto pem = key.ToPem();
  ASSERT_TRUE(pem);
  EXPECT_EQ(pem->rfind("-----BEGIN PRIVATE KEY-----\n", 0), 0U);
  const auto again = PrivateKey::FromPem(*pem);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->public_key(), key.public_key());
  EXPECT_TRUE(Equal(again->scalar(), key.scalar()));
}

TEST(PrivateKey, FromPem_TraditionalForm_IsRead) {
  const PrivateKey key = NewKey();
  const PkeyPtr pkey = ToPkey(key.public_key(), key.scalar());
  const BioPtr bio(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PrivateKey_traditional(
                bio.get(), pkey.get(), nullptr, nullptr, 0, nullptr, nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  const std::string pem(data, static_cast<std::size_t>(size));
  ASSERT_NE(pem.find("EC PRIVATE KEY"), std::string::npos);
  const auto read = PrivateKey::FromPem(pem);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->public_key(), key.public_key());
  // What `openssl ecparam -genkey` writes: the curve's name stands before the key.
  const std::string parameters =
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  EXPECT_EQ(CodeOf(PrivateKey::FromPem(parameters + pem)), Code::kOk);
}

TEST(PublicKeyFromPem, RoundTrip_SameKey) {
  const PublicKey key = NewKey().public_key();
  const auto pem = PublicKeyToPem(key);
  ASSERT_TRUE(pem);
  const auto again = PublicKeyFromPem(*pem);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, key);
}

TEST(Pem, WrongKindsOfKey_AreRefusedByTheirCode) {
  const PrivateKey key = NewKey();
  const std::string own_private = *key.ToPem();
  const std::string own_public = *PublicKeyToPem(key.public_key());
  EXPECT_EQ(CodeOf(PrivateKey::FromPem(own_public)), Code::kKeyWrongType);
  EXPECT_EQ(CodeOf(PublicKeyFromPem(own_private)), Code::kKeyWrongType);

  const PkeyPtr p384(EVP_EC_gen("P-384"));
  const PkeyPtr rsa(EVP_RSA_gen(1024));
  const PkeyPtr edwards(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  for (EVP_PKEY* other : {p384.get(), rsa.get(), edwards.get()}) {
    EXPECT_EQ(CodeOf(PrivateKey::FromPem(PrivatePem(other))), Code::kKeyWrongType);
    EXPECT_EQ(CodeOf(PublicKeyFromPem(PublicPem(other))), Code::kKeyWrongType);
  }
}

TEST(Pem, EncryptedOrNoPem_IsUnreadableWithoutAsking) {
  const PrivateKey key = NewKey();
  const PkeyPtr pkey = ToPkey(key.public_key(), key.scalar());
  EXPECT_EQ(CodeOf(PrivateKey::FromPem(PrivatePem(pkey.get(), "abcd"))), Code::kKeyUnreadable);
  for (const char* text : {"", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n"}) {
    EXPECT_EQ(CodeOf(PrivateKey::FromPem(text)), Code::kKeyUnreadable);
    EXPECT_EQ(CodeOf(PublicKeyFromPem(text)), Code::kKeyUnreadable);
  }
  EXPECT_EQ(CodeOf(PrivateKey::FromPem(std::string(1 << 20, 'A'))), Code::kKeyUnreadable);
}

TEST(PrivateKey, FromScalar_ZeroOrOrder_IsInvalid) {
  std::array<std::uint8_t, 32> scalar{};
  EXPECT_EQ(CodeOf(PrivateKey::FromScalar(scalar)), Code::kKeyInvalid);
  const Bytes order = HexBytes("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  std::copy(order.begin(), order.end(), scalar.begin());
  EXPECT_EQ(CodeOf(PrivateKey::FromScalar(scalar)), Code::kKeyInvalid);
  scalar[31] -= 1;
  EXPECT_EQ(CodeOf(PrivateKey::FromScalar(scalar)), Code::kOk);
}

TEST(KeyIdOf, EachType_IsItsTaggedHash) {
  const PublicKey key = PublishedKey().public_key();
  for (const auto type : {KeyType::kManifestSigner, KeyType::kLayer, KeyType::kDebug}) {
    Bytes tagged = {0, static_cast<std::uint8_t>(type)};
    tagged.insert(tagged.end(), key.begin(), key.end());
    EXPECT_EQ(KeyIdOf(type, key), KeyIdFromDigest(Sha256(tagged)));
    EXPECT_EQ(KeyIdText(KeyIdOf(type, key)), HexText(Sha256(tagged).bytes).substr(0, 16));
  }
}

TEST(PublicKeyFingerprint, AnyKey_IsHashOfOpenSslsDer) {
  const PublicKey key = NewKey().public_key();
  const PkeyPtr pkey = ToPkey(key);
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(pkey.get(), &der);
  ASSERT_GT(size, 0);
  EXPECT_EQ(PublicKeyFingerprint(key), Sha256(ByteSpan(der, static_cast<std::size_t>(size))));
  OPENSSL_free(der);
}

}  // namespace
}  // namespace strata::bundle
