// SPDX-License-Identifier: Apache-2.0
// Every value of RFC 9180 appendix A.3.1 (tests/golden), and layers as
// docs/spec/layer-encryption.md has them.
#include "hpke.hpp"

#include <map>
#include <sstream>

#include "bundles_for_test.hpp"
#include "layer_cipher.hpp"
#include "layer_length.hpp"

namespace strata::bundle {
namespace {

constexpr char kVectors[] = "tests/golden/rfc9180-a3-p256-aes128gcm-base.json";

using Fields = std::map<std::string, std::string>;

// The file's objects in order: setup, then each encryption, then each export. Each field has a line
// of its own.
std::vector<Fields> ReadVectors() {
  const Bytes file = ReadTestFile(kVectors);
  std::istringstream lines{std::string(AsText(file))};
  std::vector<Fields> out;
  std::string line;
  while (std::getline(lines, line)) {
    if (line.find('{') != std::string::npos) {
      out.emplace_back();
      continue;
    }
    std::erase_if(line, [](char c) { return c == '"' || c == ' ' || c == ','; });
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) {
      out.back()[line.substr(0, colon)] = line.substr(colon + 1);
    }
  }
  out.erase(out.begin());  // the object around all
  return out;
}

PrivateKey KeyFromHex(const std::string& hex) {
  const Bytes scalar = HexBytes(hex);
  return std::move(PrivateKey::FromScalar(std::span<const std::uint8_t, 32>(scalar))).value();
}

class Rfc9180A3 : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(vectors_.size(), 1U + 6U + 3U);
    const PrivateKey ephemeral = KeyFromHex(setup_.at("skEm"));
    const PrivateKey recipient = KeyFromHex(setup_.at("skRm"));
    ASSERT_TRUE(hpke::Encapsulate(ephemeral, recipient.public_key(), shared_));
    hpke::DeriveKeySchedule(shared_, HexBytes(setup_.at("info")), schedule_);
  }

  std::vector<Fields> vectors_ = ReadVectors();
  Fields& setup_ = vectors_.at(0);
  hpke::SharedSecret shared_;
  hpke::KeySchedule schedule_;
};

TEST_F(Rfc9180A3, DeriveKeyPair_GivesBothKeyPairs) {
  const auto ephemeral = hpke::DeriveKeyPair(HexBytes(setup_["ikmE"]));
  const auto recipient = hpke::DeriveKeyPair(HexBytes(setup_["ikmR"]));
  ASSERT_TRUE(ephemeral && recipient);
  EXPECT_EQ(HexText(ephemeral->scalar()), setup_["skEm"]);
  EXPECT_EQ(HexText(ephemeral->public_key()), setup_["pkEm"]);
  EXPECT_EQ(HexText(ephemeral->public_key()), setup_["enc"]);
  EXPECT_EQ(HexText(recipient->scalar()), setup_["skRm"]);
  EXPECT_EQ(HexText(recipient->public_key()), setup_["pkRm"]);
}

TEST_F(Rfc9180A3, KeySchedule_GivesEveryIntermediateValue) {
  EXPECT_EQ(HexText(shared_.bytes()), setup_["shared_secret"]);
  EXPECT_EQ(HexText(schedule_.context), setup_["key_schedule_context"]);
  EXPECT_EQ(HexText(schedule_.secret.bytes()), setup_["secret"]);
  EXPECT_EQ(HexText(schedule_.key.bytes()), setup_["key"]);
  EXPECT_EQ(HexText(schedule_.base_nonce), setup_["base_nonce"]);
  EXPECT_EQ(HexText(schedule_.exporter_secret.bytes()), setup_["exporter_secret"]);
}

TEST_F(Rfc9180A3, Decapsulate_GivesTheSameSecret) {
  const Bytes enc = HexBytes(setup_["enc"]);
  PublicKey point{};
  std::copy(enc.begin(), enc.end(), point.begin());
  hpke::SharedSecret other;
  ASSERT_TRUE(hpke::Decapsulate(point, KeyFromHex(setup_["skRm"]), other));
  EXPECT_EQ(HexText(other.bytes()), setup_["shared_secret"]);
}

TEST_F(Rfc9180A3, SealAndOpen_InSequence_GiveEveryCiphertext) {
  hpke::Sealer sealer(schedule_);
  hpke::Opener opener(schedule_);
  std::map<std::uint64_t, const Fields*> expected;
  for (std::size_t i = 1; i <= 6; ++i) {
    expected[std::stoull(vectors_[i].at("sequence_number"))] = &vectors_[i];
  }
  const Bytes plaintext = HexBytes(vectors_[1].at("pt"));
  std::size_t checked = 0;
  for (std::uint64_t sequence = 0; sequence <= 256; ++sequence) {
    const std::string aad = "Count-" + std::to_string(sequence);
    Bytes sealed(plaintext.size() + hpke::kTagBytes);
    ASSERT_TRUE(sealer.Seal(AsBytes(aad), plaintext, sealed));
    Bytes opened(plaintext.size());
    ASSERT_TRUE(opener.Open(AsBytes(aad), sealed, opened));
    EXPECT_EQ(opened, plaintext);
    const auto vector = expected.find(sequence);
    if (vector == expected.end()) {
      continue;
    }
    ++checked;
    EXPECT_EQ(HexText(hpke::NonceAt(schedule_, sequence)), vector->second->at("nonce"));
    EXPECT_EQ(HexText(AsBytes(aad)), vector->second->at("aad"));
    EXPECT_EQ(HexText(sealed), vector->second->at("ct"));
  }
  EXPECT_EQ(checked, 6U);
}

TEST_F(Rfc9180A3, Export_GivesEveryValue) {
  for (std::size_t i = 7; i < 10; ++i) {
    const Bytes context = HexBytes(vectors_[i].at("exporter_context"));
    EXPECT_EQ(HexText(hpke::Export(schedule_, context, std::stoul(vectors_[i].at("L")))),
              vectors_[i].at("exported_value"));
  }
}

TEST_F(Rfc9180A3, Open_AfterAFailure_StaysAtItsPlace) {
  hpke::Sealer sealer(schedule_);
  hpke::Opener opener(schedule_);
  Bytes sealed(4 + hpke::kTagBytes);
  ASSERT_TRUE(sealer.Seal({}, Pattern(4), sealed));
  Bytes out(4);
  Bytes damaged = sealed;
  damaged[0] ^= 1;
  EXPECT_EQ(CodeOf(opener.Open({}, damaged, out)), Code::kLayerDecryptFailed);
  EXPECT_EQ(CodeOf(opener.Open(AsBytes("x"), sealed, out)), Code::kLayerDecryptFailed);
  EXPECT_TRUE(opener.Open({}, sealed, out));
}

class LayerCipher : public testing::Test {
 protected:
  [[nodiscard]] LayerKey Reproducible() const { return {key_.public_key(), &key_}; }

  PrivateKey key_ = NewKey();
  Placement placement_{Medium::kInternal, 0x10000, 0x10000};
};

TEST_F(LayerCipher, RoundTrip_AroundChunkBorders_GivesThePlaintextAndTheLength) {
  for (const std::size_t size : {1U, 15U, 4095U, 4096U, 4097U, 8192U, 65536U}) {
    const Bytes plaintext = Pattern(size);
    const auto layer = EncryptLayer(Reproducible(), placement_, plaintext);
    ASSERT_TRUE(layer);
    EXPECT_EQ(layer->size(), EncryptedLength(size, 4096));
    EXPECT_TRUE(IsEncryptedLength(layer->size(), size));
    EXPECT_EQ(PlaintextLength(layer->size(), 4096), size);
    const auto opened = DecryptLayer(key_, placement_, *layer);
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(*opened, plaintext);
  }
}

TEST_F(LayerCipher, WithPrivateHalf_IsReproducible_AndBoundToEachInput) {
  const Bytes plaintext = Pattern(5000);
  const Bytes layer = *EncryptLayer(Reproducible(), placement_, plaintext);
  EXPECT_EQ(*EncryptLayer(Reproducible(), placement_, plaintext), layer);
  Bytes other = plaintext;
  other.back() ^= 1;
  const Bytes enc(layer.begin(), layer.begin() + 65);
  const auto differs = [&enc](const Bytes& candidate) {
    return !std::equal(enc.begin(), enc.end(), candidate.begin());
  };
  EXPECT_TRUE(differs(*EncryptLayer(Reproducible(), placement_, other)));
  EXPECT_TRUE(
      differs(*EncryptLayer(Reproducible(), {Medium::kExternal, 0x10000, 0x10000}, plaintext)));
  EXPECT_TRUE(differs(*EncryptLayer(Reproducible(), {Medium::kInternal, 0, 0x10000}, plaintext)));
  EXPECT_TRUE(
      differs(*EncryptLayer(Reproducible(), {Medium::kInternal, 0x10000, 0x8000}, plaintext)));
}

TEST_F(LayerCipher, WithPublicHalfOnly_OpensButIsNeverTheSame) {
  const LayerKey key{key_.public_key(), nullptr};
  const Bytes first = *EncryptLayer(key, placement_, Pattern(100));
  EXPECT_NE(*EncryptLayer(key, placement_, Pattern(100)), first);
  EXPECT_EQ(*DecryptLayer(key_, placement_, first), Pattern(100));
}

TEST_F(LayerCipher, HalvesOfTwoKeys_AreRefused) {
  const LayerKey mixed{NewKey().public_key(), &key_};
  EXPECT_EQ(CodeOf(EncryptLayer(mixed, placement_, Pattern(1))), Code::kKeyWrongType);
}

TEST_F(LayerCipher, AnyByteChangedOrCutAtAChunk_DoesNotOpen) {
  const Bytes layer = *EncryptLayer(Reproducible(), placement_, Pattern(4096 * 2 + 10));
  for (const std::size_t at : {0U, 1U, 40U, 64U, 65U, 68U, 69U, 4180U, 4181U, 8300U}) {
    Bytes damaged = layer;
    damaged[at] ^= 0x02;
    EXPECT_FALSE(DecryptLayer(key_, placement_, damaged)) << at;
  }
  const Bytes cut(layer.begin(), layer.begin() + 69 + 4112);
  EXPECT_EQ(CodeOf(DecryptLayer(key_, placement_, cut)), Code::kLayerDecryptFailed);
  Bytes extended = layer;
  extended.insert(extended.end(), layer.begin() + 69, layer.begin() + 69 + 4112);
  EXPECT_FALSE(DecryptLayer(key_, placement_, extended));
}

TEST_F(LayerCipher, OtherPlacementOrKey_DoesNotOpen) {
  const Bytes layer = *EncryptLayer(Reproducible(), placement_, Pattern(100));
  EXPECT_EQ(CodeOf(DecryptLayer(key_, {Medium::kInternal, 0, 0x10000}, layer)),
            Code::kLayerDecryptFailed);
  EXPECT_EQ(CodeOf(DecryptLayer(NewKey(), placement_, layer)), Code::kLayerDecryptFailed);
}

TEST(LayerLength, EverySmallCase_AgreesWithTrying) {
  for (std::uint64_t plaintext = 1; plaintext <= 40; ++plaintext) {
    for (std::uint64_t length = 0; length <= 69 + 40 * 17; ++length) {
      bool possible = false;
      for (std::uint32_t chunk = 1; chunk <= 64; ++chunk) {
        possible = possible || EncryptedLength(plaintext, chunk) == length;
      }
      EXPECT_EQ(IsEncryptedLength(length, plaintext), possible) << plaintext << " " << length;
    }
  }
  EXPECT_FALSE(IsEncryptedLength(69 + 8192 + 16, 8192)) << "one chunk of 8192 is too large";
}

}  // namespace
}  // namespace strata::bundle
