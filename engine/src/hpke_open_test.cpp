// SPDX-License-Identifier: Apache-2.0
#include "hpke_open.hpp"

#include <fstream>
#include <sstream>
#include <vector>

#include <gtest/gtest.h>

#include "strata/core/hex.hpp"
#include "strata/platform/psa/psa_crypto.hpp"

#include "hkdf.hpp"

namespace strata::engine {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes Unhex(std::string_view text) {
  Bytes out(text.size() / 2);
  EXPECT_TRUE(FromHex(text, out));
  return out;
}

/// The RFC's published vectors, read from the golden file by name.
class Vectors {
 public:
  Vectors() {
    std::ifstream file(STRATA_SOURCE_DIR "/tests/golden/rfc9180-a3-p256-aes128gcm-base.json");
    std::stringstream text;
    text << file.rdbuf();
    text_ = text.str();
  }

  /// The n-th value of a member called `name`.
  Bytes Get(const std::string& name, int n = 0) const {
    std::size_t at = 0;
    for (int i = 0; i <= n; ++i) {
      at = text_.find("\"" + name + "\"", at + (i > 0 ? 1 : 0));
      EXPECT_NE(at, std::string::npos) << name;
    }
    const std::size_t begin = text_.find('"', text_.find(':', at)) + 1;
    return Unhex(std::string_view(text_).substr(begin, text_.find('"', begin) - begin));
  }

 private:
  std::string text_;
};

class OneKey final : public ports::KeyStore {
 public:
  OneKey(ports::Crypto& crypto, const Bytes& scalar) : crypto_(crypto) {
    std::copy(scalar.begin(), scalar.end(), scalar_.begin());
  }

  Result<PublicKey> FindSigner(KeyId) override { return Fail(Code::kSignerUnknown); }

  Result<PublicKey> FindLayerKey(KeyId id) override {
    if (id != KeyId{1}) {
      return Fail(Code::kDecryptionKeyMissing);
    }
    PublicKey key{};
    STRATA_TRY(crypto_.PublicOf(scalar_, key));
    return key;
  }

  Status LayerKeyAgreement(KeyId, const PublicKey& peer, std::span<std::uint8_t, 32> out) override {
    return crypto_.Ecdh(scalar_, peer, out);
  }

 private:
  ports::Crypto& crypto_;
  std::array<std::uint8_t, kPrivateKeyBytes> scalar_{};
};

class HpkeOpenTest : public ::testing::Test {
 protected:
  HpkeOpenTest()
      : keys_((static_cast<void>(platform::PsaCrypto::Init().ok()), crypto_),
              vectors_.Get("skRm")) {
    const Bytes enc = vectors_.Get("enc");
    std::copy(enc.begin(), enc.end(), enc_.begin());
  }

  Vectors vectors_;
  platform::PsaCrypto crypto_;
  OneKey keys_;
  PublicKey enc_{};
};

TEST_F(HpkeOpenTest, Rfc9180Sequence_OpensInOrder) {
  HpkeOpener opener(crypto_);
  ASSERT_TRUE(opener.Setup(keys_, KeyId{1}, enc_, vectors_.Get("info")).ok());
  for (int i = 0; i < 2; ++i) {  // the file's sequence numbers 0 and 1 follow each other
    const Bytes sealed = vectors_.Get("ct", i);
    Bytes out(sealed.size() - ports::kAeadTagBytes);
    ASSERT_TRUE(opener.OpenNext(vectors_.Get("aad", i), sealed, out).ok()) << i;
    EXPECT_EQ(out, vectors_.Get("pt", i));
  }
}

TEST_F(HpkeOpenTest, ChunkOutOfOrder_DoesNotOpen) {
  HpkeOpener opener(crypto_);
  ASSERT_TRUE(opener.Setup(keys_, KeyId{1}, enc_, vectors_.Get("info")).ok());
  const Bytes sealed = vectors_.Get("ct", 1);
  Bytes out(sealed.size() - ports::kAeadTagBytes);
  EXPECT_EQ(opener.OpenNext(vectors_.Get("aad", 1), sealed, out).error().code,
            Code::kLayerDecryptFailed);
}

TEST_F(HpkeOpenTest, OtherInfo_DoesNotOpen) {
  HpkeOpener opener(crypto_);
  ASSERT_TRUE(opener.Setup(keys_, KeyId{1}, enc_, AsBytes("elsewhere")).ok());
  const Bytes sealed = vectors_.Get("ct", 0);
  Bytes out(sealed.size() - ports::kAeadTagBytes);
  EXPECT_EQ(opener.OpenNext(vectors_.Get("aad", 0), sealed, out).error().code,
            Code::kLayerDecryptFailed);
}

TEST_F(HpkeOpenTest, EncNotOnCurve_IsEncodingInvalid) {
  HpkeOpener opener(crypto_);
  enc_[40] ^= 1;
  EXPECT_EQ(opener.Setup(keys_, KeyId{1}, enc_, {}).error().code, Code::kLayerEncodingInvalid);
}

TEST_F(HpkeOpenTest, KeyNotHeld_IsDecryptionKeyMissing) {
  HpkeOpener opener(crypto_);
  EXPECT_EQ(opener.Setup(keys_, KeyId{2}, enc_, {}).error().code, Code::kDecryptionKeyMissing);
}

TEST_F(HpkeOpenTest, LayerInfo_IsAsSpecified) {
  const auto info = LayerInfo(KeyId{0x0102030405060708}, {Medium::kExternal, 0x1000, 0x2000});
  Bytes expected(20);
  std::memcpy(expected.data(), "strata-layer-hpke-v1", 20);
  const Bytes rest = Unhex("0102030405060708020000100000002000");
  expected.insert(expected.end(), rest.begin(), rest.end());
  EXPECT_TRUE(Equal(info, expected));
}

TEST_F(HpkeOpenTest, HkdfRfc5869Case1_First32Bytes) {
  const Bytes ikm = Unhex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
  const Bytes salt = Unhex("000102030405060708090a0b0c");
  const Bytes info = Unhex("f0f1f2f3f4f5f6f7f8f9");
  Prk prk;
  const std::array<ByteSpan, 1> ikm_parts = {ikm};
  ASSERT_TRUE(HkdfExtract(crypto_, salt, ikm_parts, prk).ok());
  EXPECT_TRUE(Equal(prk.bytes(),
                    Unhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")));
  Bytes okm(32);
  const std::array<ByteSpan, 1> info_parts = {info};
  ASSERT_TRUE(HkdfExpand(crypto_, prk.bytes(), info_parts, okm).ok());
  EXPECT_EQ(okm, Unhex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"));
  Bytes too_long(33);
  EXPECT_EQ(HkdfExpand(crypto_, prk.bytes(), info_parts, too_long).error().code,
            Code::kInvalidArgument);
}

}  // namespace
}  // namespace strata::engine
