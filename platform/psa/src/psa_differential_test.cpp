// SPDX-License-Identifier: Apache-2.0
// Mbed TLS on one side, OpenSSL on the other: the device's and the host's library must agree.
#include <algorithm>
#include <memory>
#include <random>

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "psa_test_util.hpp"

namespace strata::platform {
namespace {

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using DerSignature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

// The seed is fixed: a failure here is seen again.
class Differential : public PsaTest {
 protected:
  Bytes Random(std::size_t size) {
    Bytes out(size);
    for (std::uint8_t& byte : out) {
      byte = static_cast<std::uint8_t>(random_());
    }
    return out;
  }

  std::mt19937 random_{20240607};
};

PublicKey PointOf(EVP_PKEY* key) {
  PublicKey out{};
  std::size_t length = 0;
  EXPECT_EQ(EVP_PKEY_get_octet_string_param(
                key, OSSL_PKEY_PARAM_PUB_KEY, out.data(), out.size(), &length),
            1);
  EXPECT_EQ(length, out.size());
  return out;
}

Scalar ScalarOf(EVP_PKEY* key) {
  BIGNUM* number = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number), 1);
  Scalar out{};
  EXPECT_EQ(BN_bn2binpad(number, out.data(), static_cast<int>(out.size())), 32);
  BN_clear_free(number);
  return out;
}

Signature SignWithOpenSsl(EVP_PKEY* key, ByteSpan message) {
  const DigestContext context(EVP_MD_CTX_new());
  Bytes der(80);
  std::size_t length = der.size();
  EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key), 1);
  EXPECT_EQ(EVP_DigestSign(context.get(), der.data(), &length, message.data(), message.size()), 1);
  const std::uint8_t* at = der.data();
  const DerSignature parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(length)));
  Signature out{};
  BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out.data(), 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out.data() + 32, 32);
  return out;
}

bool VerifyWithOpenSsl(EVP_PKEY* key, ByteSpan message, const Signature& signature) {
  const DerSignature parsed(ECDSA_SIG_new());
  ECDSA_SIG_set0(parsed.get(),
                 BN_bin2bn(signature.data(), 32, nullptr),
                 BN_bin2bn(signature.data() + 32, 32, nullptr));
  std::uint8_t* der = nullptr;
  const int length = i2d_ECDSA_SIG(parsed.get(), &der);
  const DigestContext context(EVP_MD_CTX_new());
  EXPECT_EQ(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key), 1);
  const int verdict = EVP_DigestVerify(
      context.get(), der, static_cast<std::size_t>(length), message.data(), message.size());
  OPENSSL_free(der);
  return verdict == 1;
}

Bytes DeriveWithOpenSsl(EVP_PKEY* key, EVP_PKEY* peer) {
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  Bytes out(32);
  std::size_t length = out.size();
  EXPECT_EQ(EVP_PKEY_derive_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_derive_set_peer(context.get(), peer), 1);
  EXPECT_EQ(EVP_PKEY_derive(context.get(), out.data(), &length), 1);
  EXPECT_EQ(length, out.size());
  return out;
}

Bytes SealWithOpenSsl(const ports::AeadKey& key,
                      const ports::AeadNonce& nonce,
                      ByteSpan aad,
                      ByteSpan plaintext) {
  const CipherContext context(EVP_CIPHER_CTX_new());
  Bytes out(plaintext.size() + ports::kAeadTagBytes);
  int length = 0;
  EXPECT_EQ(EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, key.data(), nonce.data()),
            1);
  EXPECT_EQ(
      EVP_EncryptUpdate(context.get(), nullptr, &length, aad.data(), static_cast<int>(aad.size())),
      1);
  EXPECT_EQ(
      EVP_EncryptUpdate(
          context.get(), out.data(), &length, plaintext.data(), static_cast<int>(plaintext.size())),
      1);
  EXPECT_EQ(EVP_EncryptFinal_ex(context.get(), out.data() + plaintext.size(), &length), 1);
  EXPECT_EQ(EVP_CIPHER_CTX_ctrl(
                context.get(), EVP_CTRL_AEAD_GET_TAG, ports::kAeadTagBytes, &out[plaintext.size()]),
            1);
  return out;
}

TEST_F(Differential, HashAndHmac_RandomLengths_Agree) {
  for (std::size_t size = 0; size < 300; size += 7) {
    const Bytes message = Random(size);
    const Bytes key = Random(size % 151);
    Digest expected;
    Digest got;
    ASSERT_EQ(
        EVP_Digest(message.data(), size, expected.bytes.data(), nullptr, EVP_sha256(), nullptr), 1);
    ports::HashState state;
    ASSERT_TRUE(crypto_.HashStart(state).ok());
    ASSERT_TRUE(crypto_.HashUpdate(state, ByteSpan(message).first(size / 3)).ok());
    ASSERT_TRUE(crypto_.HashUpdate(state, ByteSpan(message).subspan(size / 3)).ok());
    ASSERT_TRUE(crypto_.HashFinish(state, got).ok());
    EXPECT_EQ(got, expected) << size;

    const std::uint8_t none = 0;
    HMAC(EVP_sha256(),
         key.empty() ? &none : key.data(),
         static_cast<int>(key.size()),
         message.data(),
         size,
         expected.bytes.data(),
         nullptr);
    const std::array<ByteSpan, 2> parts = {ByteSpan(message).first(size / 2),
                                           ByteSpan(message).subspan(size / 2)};
    ASSERT_TRUE(crypto_.Hmac(key, parts, got).ok());
    EXPECT_EQ(got, expected) << size;
  }
}

TEST_F(Differential, Seal_RandomLengths_Agrees) {
  for (std::size_t size = 0; size < 100; size += 3) {
    ports::AeadKey key{};
    ports::AeadNonce nonce{};
    std::ranges::copy(Random(key.size()), key.begin());
    std::ranges::copy(Random(nonce.size()), nonce.begin());
    const Bytes aad = Random(1 + size % 23);
    const Bytes plaintext = Random(size + 1);
    const Bytes expected = SealWithOpenSsl(key, nonce, aad, plaintext);
    Bytes got(expected.size());
    ASSERT_TRUE(crypto_.Seal(key, nonce, aad, plaintext, got).ok());
    EXPECT_EQ(got, expected) << size;
  }
}

TEST_F(Differential, SignaturesAndEcdh_FreshKeys_AgreeBothWays) {
  for (int i = 0; i < 8; ++i) {
    const Key key(EVP_EC_gen("P-256"));
    const Key peer(EVP_EC_gen("P-256"));
    const Bytes message = Random(100);
    const ByteSpan part = message;
    const Signature theirs = SignWithOpenSsl(key.get(), message);
    EXPECT_TRUE(crypto_.Verify(PointOf(key.get()), {&part, 1}, theirs).ok());
    EXPECT_FALSE(crypto_.Verify(PointOf(peer.get()), {&part, 1}, theirs).ok());

    PsaIdentity identity(*DeviceSid::Parse("UV0123456789abcdef0123456789abcdef"));
    ASSERT_TRUE(identity.Load(ScalarOf(key.get())).ok());
    const auto ours = identity.Sign({&part, 1});
    ASSERT_TRUE(ours.ok());
    EXPECT_TRUE(VerifyWithOpenSsl(key.get(), message, *ours));
    EXPECT_FALSE(VerifyWithOpenSsl(peer.get(), message, *ours));

    std::array<std::uint8_t, 32> shared{};
    ASSERT_TRUE(crypto_.Ecdh(ScalarOf(key.get()), PointOf(peer.get()), shared).ok());
    EXPECT_TRUE(Equal(shared, DeriveWithOpenSsl(key.get(), peer.get())));
    PublicKey point{};
    ASSERT_TRUE(crypto_.PublicOf(ScalarOf(key.get()), point).ok());
    EXPECT_EQ(point, PointOf(key.get()));
  }
}

}  // namespace
}  // namespace strata::platform
