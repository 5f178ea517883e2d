// SPDX-License-Identifier: Apache-2.0
#include "strata/engine/flash_key_store.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "strata/format/bundle/keys.hpp"
#include "strata/platform/psa/psa_crypto.hpp"
#include "strata/sim/sim_flash.hpp"

namespace strata::engine {
namespace {

constexpr ports::FlashGeometry kGeometry{4 * 8192, 16, 8192};

class FlashKeyStoreTest : public ::testing::Test {
 protected:
  FlashKeyStoreTest() : flash_("secure", kGeometry, power_) {
    EXPECT_TRUE(platform::PsaCrypto::Init().ok());
    for (int i = 0; i < 9; ++i) {
      auto key = bundle::PrivateKey::Generate();
      EXPECT_TRUE(key.ok());
      keys_.push_back(std::move(key).value());
      publics_.push_back(keys_.back().public_key());
      auto& scalar = scalars_.emplace_back();
      std::copy(keys_.back().scalar().begin(), keys_.back().scalar().end(), scalar.begin());
    }
  }

  KeySeed Seed(std::size_t signers, std::size_t layer_keys, std::size_t rotation) {
    return {std::span(publics_).first(signers),
            std::span(scalars_).first(layer_keys),
            std::span(publics_).first(rotation)};
  }

  sim::Power power_;
  sim::SimFlash flash_;
  platform::PsaCrypto crypto_;
  FlashKeyStore store_{flash_, crypto_};
  std::vector<bundle::PrivateKey> keys_;
  std::vector<PublicKey> publics_;
  std::vector<std::array<std::uint8_t, kPrivateKeyBytes>> scalars_;
};

TEST_F(FlashKeyStoreTest, Erased_IsNotFormatted) {
  EXPECT_FALSE(*store_.IsFormatted());
  EXPECT_EQ(store_.FindSigner(KeyId{1}).error().code, Code::kKeyStoreCorrupt);
}

TEST_F(FlashKeyStoreTest, FullStore_FindsEveryKeyById) {
  ASSERT_TRUE(store_.Format(Seed(8, 8, 8)).ok());
  EXPECT_TRUE(*store_.IsFormatted());
  for (std::size_t i = 0; i < 8; ++i) {
    const auto signer = store_.FindSigner(bundle::KeyIdOf(KeyType::kManifestSigner, publics_[i]));
    ASSERT_TRUE(signer.ok());
    EXPECT_EQ(*signer, publics_[i]);
    const auto layer = store_.FindLayerKey(bundle::KeyIdOf(KeyType::kLayer, publics_[i]));
    ASSERT_TRUE(layer.ok());
    EXPECT_EQ(*layer, publics_[i]);
  }
}

TEST_F(FlashKeyStoreTest, KeyOfAnotherKind_IsNotFound) {
  ASSERT_TRUE(store_.Format(Seed(2, 2, 2)).ok());
  EXPECT_EQ(store_.FindSigner(bundle::KeyIdOf(KeyType::kLayer, publics_[0])).error().code,
            Code::kSignerUnknown);
  EXPECT_EQ(store_.FindSigner(bundle::KeyIdOf(KeyType::kRotation, publics_[0])).error().code,
            Code::kSignerUnknown);
  EXPECT_EQ(
      store_.FindLayerKey(bundle::KeyIdOf(KeyType::kManifestSigner, publics_[0])).error().code,
      Code::kDecryptionKeyMissing);
}

TEST_F(FlashKeyStoreTest, Agreement_IsTheSameFromBothSides) {
  ASSERT_TRUE(store_.Format(Seed(1, 3, 0)).ok());
  std::array<std::uint8_t, 32> ours{};
  std::array<std::uint8_t, 32> theirs{};
  const KeyId id = bundle::KeyIdOf(KeyType::kLayer, publics_[2]);
  ASSERT_TRUE(store_.LayerKeyAgreement(id, publics_[8], ours).ok());
  ASSERT_TRUE(crypto_.Ecdh(scalars_[8], publics_[2], theirs).ok());
  EXPECT_EQ(ours, theirs);
  PublicKey off_curve = publics_[8];
  off_curve[40] ^= 1;
  EXPECT_EQ(store_.LayerKeyAgreement(id, off_curve, ours).error().code, Code::kKeyInvalid);
  EXPECT_EQ(store_.LayerKeyAgreement(KeyId{7}, publics_[8], ours).error().code,
            Code::kDecryptionKeyMissing);
}

TEST_F(FlashKeyStoreTest, WithoutSignerOrTooMany_IsRefused) {
  EXPECT_EQ(store_.Format(Seed(0, 1, 0)).error().code, Code::kInvalidArgument);
  EXPECT_EQ(store_.Format(Seed(9, 0, 0)).error().code, Code::kKeyStoreFull);
  EXPECT_EQ(store_.Format(Seed(1, 9, 0)).error().code, Code::kKeyStoreFull);
  EXPECT_FALSE(*store_.IsFormatted());
}

TEST_F(FlashKeyStoreTest, InvalidPrivateKey_ChangesNothing) {
  ASSERT_TRUE(store_.Format(Seed(1, 1, 0)).ok());
  scalars_[0].fill(0);
  EXPECT_FALSE(store_.Format(Seed(1, 1, 0)).ok());
  EXPECT_TRUE(store_.FindSigner(bundle::KeyIdOf(KeyType::kManifestSigner, publics_[0])).ok());
}

TEST_F(FlashKeyStoreTest, Reformatted_LeavesNoFormerPrivateKey) {
  ASSERT_TRUE(store_.Format(Seed(1, 1, 0)).ok());
  const auto former = scalars_[0];
  std::swap(scalars_[0], scalars_[1]);
  ASSERT_TRUE(store_.Format(Seed(1, 1, 0)).ok());
  const auto& bytes = flash_.bytes();
  EXPECT_EQ(std::search(bytes.begin(), bytes.end(), former.begin(), former.end()), bytes.end());
}

TEST_F(FlashKeyStoreTest, CutAnywhereInFormat_LeavesFormerOrNewStoreOrNone) {
  const auto blank = flash_.Save();
  for (const bool again : {false, true}) {
    for (std::uint64_t operation = 0; operation < 12; ++operation) {
      for (const auto kind : {sim::CutKind::kBefore, sim::CutKind::kInside, sim::CutKind::kAfter}) {
        flash_.Load(blank);
        power_.Plan(std::nullopt, operation);
        if (again) {
          ASSERT_TRUE(store_.Format(Seed(2, 1, 0)).ok());
        }
        power_.Plan(sim::Cut{operation, kind}, operation);
        const bool done = store_.Format(Seed(3, 2, 1)).ok();
        power_.Plan(std::nullopt, operation);
        const bool formatted = *store_.IsFormatted();
        EXPECT_TRUE(formatted || (!again && !done)) << operation << sim::NameOf(kind);
        ASSERT_TRUE(store_.Format(Seed(3, 2, 1)).ok());
        EXPECT_TRUE(store_.FindSigner(bundle::KeyIdOf(KeyType::kManifestSigner, publics_[2])).ok());
      }
    }
  }
}

TEST_F(FlashKeyStoreTest, FlippedByte_IsCorrupt) {
  ASSERT_TRUE(store_.Format(Seed(1, 1, 1)).ok());
  flash_.Corrupt(40, 0x10);
  EXPECT_FALSE(*store_.IsFormatted());
}

}  // namespace
}  // namespace strata::engine
