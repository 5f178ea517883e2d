// SPDX-License-Identifier: Apache-2.0
// What a NewKeys message does to the key store: whole or not at all, wherever it is interrupted.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "strata/engine/flash_key_store.hpp"
#include "strata/format/bundle/keys.hpp"
#include "strata/format/bundle/new_keys.hpp"
#include "strata/platform/psa/psa_crypto.hpp"
#include "strata/sim/sim_flash.hpp"
#include "strata/sim/sim_ports.hpp"

namespace strata::engine {
namespace {

using Scalar = std::array<std::uint8_t, kPrivateKeyBytes>;

constexpr FleetId kFleet = {9, 9, 9};
constexpr ports::FlashGeometry kGeometry{4 * 8192, 16, 8192};
constexpr std::size_t kReceiver = 11;
constexpr std::size_t kKeys = 12;

/// A change and all that it points to.
struct Change {
  std::vector<KeyId> delete_signers{};
  std::vector<KeyId> delete_layer_keys{};
  std::vector<PublicKey> add_signers{};
  std::vector<bundle::WrappedLayerKey> add_layer_keys{};
  std::vector<std::vector<std::uint8_t>> cloud_cas{};
  std::uint32_t sequence = 1;

  std::vector<ByteSpan> signer_spans{};
  std::vector<WrappedLayerKey> wrapped_spans{};
  std::vector<ByteSpan> ca_spans{};

  KeyChange View() {
    signer_spans.assign(add_signers.begin(), add_signers.end());
    ca_spans.assign(cloud_cas.begin(), cloud_cas.end());
    wrapped_spans.clear();
    for (const bundle::WrappedLayerKey& key : add_layer_keys) {
      wrapped_spans.push_back({key.receiver, key.sender_pub, key.ciphertext});
    }
    Digest hash;
    hash.bytes.fill(static_cast<std::uint8_t>(sequence));
    return {.sequence = sequence,
            .body_hash = hash,
            .delete_signers = delete_signers,
            .delete_layer_keys = delete_layer_keys,
            .add_signers = signer_spans,
            .add_layer_keys = wrapped_spans,
            .cloud_cas = ca_spans};
  }
};

class KeyStoreChangeTest : public ::testing::Test {
 protected:
  KeyStoreChangeTest() : flash_("secure", kGeometry, power_) {
    EXPECT_TRUE(platform::PsaCrypto::Init().ok());
    for (std::size_t i = 0; i < kKeys; ++i) {
      auto key = bundle::PrivateKey::Generate();
      EXPECT_TRUE(key.ok());
      keys_.push_back(std::move(key).value());
      publics_.push_back(keys_.back().public_key());
      std::copy_n(keys_.back().scalar().begin(), kPrivateKeyBytes, scalars_.emplace_back().begin());
    }
  }

  void Format(std::size_t signers, std::size_t layer_keys) {
    const KeySeed seed{.signers = std::span(publics_).first(signers),
                       .layer_keys = std::span(scalars_).first(layer_keys),
                       .rotation_keys = std::span(publics_).last(1),
                       .receiver = scalars_[kReceiver],
                       .position = {.fleet = kFleet, .sequence = 0, .last_hash = {}}};
    ASSERT_TRUE(store_.Format(seed).ok());
  }

  KeyId Signer(std::size_t i) const {
    return bundle::KeyIdOf(KeyType::kManifestSigner, publics_[i]);
  }

  KeyId LayerKey(std::size_t i) const { return bundle::KeyIdOf(KeyType::kLayer, publics_[i]); }

  bundle::WrappedLayerKey Wrap(std::size_t key, std::uint32_t sequence = 1) const {
    auto wrapped = bundle::WrapLayerKey(keys_[key], publics_[kReceiver], kFleet, sequence);
    EXPECT_TRUE(wrapped.ok());
    return *wrapped;
  }

  /// Everything that can be learnt from a store, in one line: `1:S0S2L0L1r:CA3` …
  std::string Describe() {
    const auto position = store_.Position();
    if (!position.ok()) {
      return "none";
    }
    std::string text = std::to_string(position->sequence) + "." +
                       std::to_string(position->last_hash.bytes[31]) + ":";
    for (std::size_t i = 0; i < kKeys; ++i) {
      if (store_.FindSigner(Signer(i)).ok()) {
        text += "S" + std::to_string(i);
      }
    }
    for (std::size_t i = 0; i < kKeys; ++i) {
      if (!store_.FindLayerKey(LayerKey(i)).ok()) {
        continue;
      }
      text += "L" + std::to_string(i) + (*store_.IsRetired(LayerKey(i)) ? "r" : "");
    }
    EXPECT_TRUE(
        store_.FindRotationKey(bundle::KeyIdOf(KeyType::kRotation, publics_[kReceiver])).ok());
    std::array<std::uint8_t, kMaxCloudCaBytes> ca{};
    for (std::uint32_t i = 0; store_.ReadCloudCa(i, ca).ok() && *store_.ReadCloudCa(i, ca) > 0;
         ++i) {
      text += ":CA" + std::to_string(ca[0]) + "x" + std::to_string(*store_.ReadCloudCa(i, ca));
    }
    return text;
  }

  /// Every layer key that is there is the right one.
  void ExpectLayerKeysWork() {
    for (std::size_t i = 0; i < kKeys; ++i) {
      std::array<std::uint8_t, 32> ours{};
      std::array<std::uint8_t, 32> theirs{};
      if (store_.LayerKeyAgreement(LayerKey(i), publics_[0], ours).ok()) {
        EXPECT_TRUE(crypto_.Ecdh(scalars_[i], publics_[0], theirs).ok());
        EXPECT_EQ(ours, theirs) << i;
      }
    }
  }

  bool FlashHolds(const Scalar& scalar) const {
    const auto& bytes = flash_.bytes();
    return std::search(bytes.begin(), bytes.end(), scalar.begin(), scalar.end()) != bytes.end();
  }

  /// Refused with `code`, and the flash is as before.
  void ExpectRefused(Change change, Code code) {
    const auto before = flash_.bytes();
    EXPECT_EQ(store_.Apply(change.View(), kNone).error().code, code);
    EXPECT_EQ(flash_.bytes(), before);
  }

  static constexpr std::span<const KeyId> kNone{};

  sim::Power power_;
  sim::SimFlash flash_;
  platform::PsaCrypto real_crypto_;
  sim::LedgerCrypto crypto_{real_crypto_};
  FlashKeyStore store_{flash_, crypto_};
  std::vector<bundle::PrivateKey> keys_;
  std::vector<PublicKey> publics_;
  std::vector<Scalar> scalars_;
};

TEST_F(KeyStoreChangeTest, Everything_ChangesAtOnce) {
  Format(2, 2);
  ASSERT_EQ(Describe(), "0.0:S0S1L0L1");
  Change change{
      .delete_signers = {Signer(0)},
      .delete_layer_keys = {LayerKey(1)},
      .add_signers = {publics_[2], publics_[3]},
      .add_layer_keys = {Wrap(4), Wrap(5)},
      .cloud_cas = {std::vector<std::uint8_t>(300, 7), std::vector<std::uint8_t>(1024, 8)}};
  ASSERT_TRUE(store_.Apply(change.View(), kNone).ok());
  EXPECT_EQ(Describe(), "1.1:S1S2S3L0L4L5:CA7x300:CA8x1024");
  EXPECT_FALSE(FlashHolds(scalars_[1]));
  EXPECT_TRUE(FlashHolds(scalars_[0]));
  EXPECT_EQ(store_.Position()->fleet, kFleet);
  ExpectLayerKeysWork();

  Change next{.cloud_cas = {std::vector<std::uint8_t>(5, 9)}, .sequence = 2};
  ASSERT_TRUE(store_.Apply(next.View(), kNone).ok());
  EXPECT_EQ(Describe(), "2.2:S1S2S3L0L4L5:CA9x5");
  Change empty{.sequence = 3};
  ASSERT_TRUE(store_.Apply(empty.View(), kNone).ok());
  EXPECT_EQ(Describe(), "3.3:S1S2S3L0L4L5:CA9x5");
}

TEST_F(KeyStoreChangeTest, DeletingWhatIsNotThereAndAddingWhatIs_ChangesOnlyTheSequence) {
  Format(2, 1);
  Change change{.delete_signers = {Signer(7), KeyId{1}},
                .delete_layer_keys = {LayerKey(7), Signer(0)},
                .add_signers = {publics_[0], publics_[1], publics_[1]},
                .add_layer_keys = {Wrap(0), Wrap(0)}};
  ASSERT_TRUE(store_.Apply(change.View(), kNone).ok());
  EXPECT_EQ(Describe(), "1.1:S0S1L0");
}

TEST_F(KeyStoreChangeTest, DeletedAndAddedInOneMessage_Stays) {
  Format(1, 1);
  Change change{.delete_signers = {Signer(0)},
                .delete_layer_keys = {LayerKey(0)},
                .add_signers = {publics_[0]},
                .add_layer_keys = {Wrap(0)}};
  ASSERT_TRUE(store_.Apply(change.View(), kNone).ok());
  EXPECT_EQ(Describe(), "1.1:S0L0");
}

TEST_F(KeyStoreChangeTest, DeletedLayerKeyThatASlotNeeds_IsRetiredUntilNoneDoes) {
  Format(1, 3);
  const std::array<KeyId, 1> needed = {LayerKey(1)};
  Change change{.delete_layer_keys = {LayerKey(0), LayerKey(1)}};
  ASSERT_TRUE(store_.Apply(change.View(), std::span(needed)).ok());
  EXPECT_EQ(Describe(), "1.1:S0L1rL2");
  ExpectLayerKeysWork();
  ASSERT_TRUE(store_.Tidy(std::span(needed)).ok());
  ASSERT_TRUE(store_.Tidy(std::nullopt).ok());
  EXPECT_EQ(Describe(), "1.1:S0L1rL2");
  ASSERT_TRUE(store_.Tidy(kNone).ok());
  EXPECT_EQ(Describe(), "1.1:S0L2");
  EXPECT_FALSE(FlashHolds(scalars_[1]));
}

TEST_F(KeyStoreChangeTest, WhatIsNeededUnknown_RetiresAll) {
  Format(1, 2);
  Change change{.delete_layer_keys = {LayerKey(0), LayerKey(1)}};
  ASSERT_TRUE(store_.Apply(change.View(), std::nullopt).ok());
  EXPECT_EQ(Describe(), "1.1:S0L0rL1r");
  Change back{.add_layer_keys = {Wrap(1, 2)}, .sequence = 2};
  ASSERT_TRUE(store_.Apply(back.View(), kNone).ok());
  EXPECT_EQ(Describe(), "2.2:S0L1") << "added again: no longer retired";
}

TEST_F(KeyStoreChangeTest, NothingToTidy_WritesNothing) {
  Format(1, 2);
  const std::uint64_t before = power_.operations();
  ASSERT_TRUE(store_.Tidy(kNone).ok());
  EXPECT_EQ(power_.operations(), before);
}

TEST_F(KeyStoreChangeTest, SealedKeyThatDoesNotOpen_IsRefused) {
  Format(1, 0);
  Change other_sequence{.add_layer_keys = {Wrap(1), Wrap(2, 2)}};
  ExpectRefused(other_sequence, Code::kLayerDecryptFailed);
  Change flipped{.add_layer_keys = {Wrap(1)}};
  flipped.add_layer_keys[0].ciphertext[47] ^= 1;
  ExpectRefused(flipped, Code::kLayerDecryptFailed);
  Change off_curve{.add_layer_keys = {Wrap(1)}};
  off_curve.add_layer_keys[0].sender_pub[30] ^= 1;
  ExpectRefused(off_curve, Code::kLayerDecryptFailed);
  Change other_fleet{
      .add_layer_keys = {*bundle::WrapLayerKey(keys_[1], publics_[kReceiver], FleetId{8}, 1)}};
  ExpectRefused(other_fleet, Code::kLayerDecryptFailed);
  EXPECT_EQ(Describe(), "0.0:S0");
}

TEST_F(KeyStoreChangeTest, SealedForAnotherReceiver_IsSkipped) {
  Format(1, 0);
  Change change{.add_layer_keys = {*bundle::WrapLayerKey(keys_[1], publics_[3], kFleet, 1)}};
  ASSERT_TRUE(store_.Apply(change.View(), kNone).ok());
  EXPECT_EQ(Describe(), "1.1:S0");
}

TEST_F(KeyStoreChangeTest, LastSigner_CannotBeDeleted) {
  Format(2, 0);
  ExpectRefused({.delete_signers = {Signer(0), Signer(1)}}, Code::kLastSigner);
  Change change{.delete_signers = {Signer(0), Signer(1)}, .add_signers = {publics_[2]}};
  ASSERT_TRUE(store_.Apply(change.View(), kNone).ok());
  EXPECT_EQ(Describe(), "1.1:S2");
}

TEST_F(KeyStoreChangeTest, NoRoom_IsRefused) {
  Format(8, 8);
  ExpectRefused({.add_signers = {publics_[8]}}, Code::kKeyStoreFull);
  ExpectRefused({.add_layer_keys = {Wrap(8)}}, Code::kKeyStoreFull);
  Change retires{.delete_layer_keys = {LayerKey(0)}, .add_layer_keys = {Wrap(8)}};
  EXPECT_EQ(store_.Apply(retires.View(), std::nullopt).error().code, Code::kKeyStoreFull);
  ASSERT_TRUE(store_.Apply(retires.View(), kNone).ok());
  Change swap{.delete_signers = {Signer(0)}, .add_signers = {publics_[8]}, .sequence = 2};
  ASSERT_TRUE(store_.Apply(swap.View(), kNone).ok());
  EXPECT_EQ(Describe(), "2.2:S1S2S3S4S5S6S7S8L1L2L3L4L5L6L7L8");
}

TEST_F(KeyStoreChangeTest, ErrorsAreSaidInTheSpecsOrder) {
  Format(1, 8);
  Change all{.delete_signers = {Signer(0)}, .add_layer_keys = {Wrap(8), Wrap(9, 2)}};
  ExpectRefused(all, Code::kLayerDecryptFailed);
  all.add_layer_keys.pop_back();
  ExpectRefused(all, Code::kLastSigner);
  all.delete_signers.clear();
  ExpectRefused(all, Code::kKeyStoreFull);
}

TEST_F(KeyStoreChangeTest, LargestStoreOnTheSmallestFlash_IsRefusedNotCut) {
  const ports::FlashGeometry small{4 * 2048, 8, 2048};
  sim::SimFlash flash("small", small, power_);
  FlashKeyStore store(flash, crypto_);
  const KeySeed seed{std::span(publics_).first(8), {}, std::span(publics_).first(8)};
  ASSERT_TRUE(store.Format(seed).ok());
  Change change{.cloud_cas = {std::vector<std::uint8_t>(900, 1)}};
  EXPECT_EQ(store.Apply(change.View(), kNone).error().code, Code::kKeyStoreFull);
  EXPECT_EQ(store.Position()->sequence, 0U);
}

/// One message that touches everything, and what the store is before and after it.
class KeyStoreFaultTest : public KeyStoreChangeTest {
 protected:
  KeyStoreFaultTest() {
    Format(2, 2);
    start_ = flash_.Save();
    change_ = {.delete_signers = {Signer(0)},
               .delete_layer_keys = {LayerKey(1)},
               .add_signers = {publics_[2]},
               .add_layer_keys = {Wrap(4)},
               .cloud_cas = {std::vector<std::uint8_t>(600, 7)}};
  }

  static constexpr const char* kOld = "0.0:S0S1L0L1";
  static constexpr const char* kNew = "1.1:S1S2L0L4:CA7x600";

  sim::SimFlash::Image start_;
  Change change_;
};

TEST_F(KeyStoreFaultTest, CutAnywhere_LeavesTheOldOrTheNewStore) {
  power_.Plan(std::nullopt, 1);
  ASSERT_TRUE(store_.Apply(change_.View(), kNone).ok());
  const std::uint64_t operations = power_.operations();
  ASSERT_GT(operations, 10U);
  int old_stores = 0;
  int new_stores = 0;
  for (std::uint64_t operation = 0; operation < operations; ++operation) {
    for (const sim::CutKind kind : sim::kAllCutKinds) {
      for (std::uint64_t seed = 0; seed < 3; ++seed) {
        SCOPED_TRACE(std::to_string(operation) + std::string(NameOf(kind)) + std::to_string(seed));
        flash_.Load(start_);
        power_.Plan(sim::Cut{operation, kind}, seed);
        store_.Apply(change_.View(), kNone).IgnoreError();
        power_.Plan(std::nullopt, seed);
        // What a boot does; one that is not sure may try again.
        Status tidy = store_.Tidy(kNone);
        for (int tries = 0; !tidy && tries < 5; ++tries) {
          tidy = store_.Tidy(kNone);
        }
        ASSERT_TRUE(tidy.ok());
        const std::string found = Describe();
        ASSERT_TRUE(found == kOld || found == kNew) << found;
        old_stores += found == kOld ? 1 : 0;
        new_stores += found == kNew ? 1 : 0;
        EXPECT_EQ(FlashHolds(scalars_[1]), found == kOld);
        EXPECT_EQ(FlashHolds(scalars_[4]), found == kNew);
        for (int again = 0; again < 3; ++again) {
          ASSERT_EQ(Describe(), found) << "what was found once stays";
        }
        ASSERT_TRUE(store_.Apply(change_.View(), kNone).ok());
        ASSERT_EQ(Describe(), kNew);
      }
    }
  }
  EXPECT_GT(old_stores, 0);
  EXPECT_GT(new_stores, 0);
}

TEST_F(KeyStoreFaultTest, CutWhileRetiredKeysAreErased_LosesNoOtherKey) {
  const std::array<KeyId, 1> needed = {LayerKey(1)};
  ASSERT_TRUE(store_.Apply(change_.View(), std::span(needed)).ok());
  const auto retired = flash_.Save();
  power_.Plan(std::nullopt, 1);
  ASSERT_TRUE(store_.Tidy(kNone).ok());
  const std::uint64_t operations = power_.operations();
  for (std::uint64_t operation = 0; operation < operations; ++operation) {
    for (const sim::CutKind kind : sim::kAllCutKinds) {
      flash_.Load(retired);
      power_.Plan(sim::Cut{operation, kind}, operation);
      store_.Tidy(kNone).IgnoreError();
      power_.Plan(std::nullopt, operation);
      for (int tries = 0; tries < 5 && !store_.Tidy(kNone); ++tries) {
      }
      ASSERT_EQ(Describe(), kNew) << operation << NameOf(kind);
      EXPECT_FALSE(FlashHolds(scalars_[1]));
    }
  }
}

TEST_F(KeyStoreFaultTest, EachFlashCallFailsOnce_ChangesAllOrNothing) {
  const std::uint64_t before = flash_.faults().calls();
  ASSERT_TRUE(store_.Apply(change_.View(), kNone).ok());
  const std::uint64_t calls = flash_.faults().calls() - before;
  for (std::uint64_t n = 0; n < calls; ++n) {
    flash_.Load(start_);
    flash_.faults().FailCall(n);
    const bool done = store_.Apply(change_.View(), kNone).ok();
    ASSERT_EQ(Describe(), done ? kNew : kOld) << n;
    ASSERT_TRUE(store_.Tidy(kNone).ok()) << n;
    ASSERT_EQ(Describe(), done ? kNew : kOld) << n;
    EXPECT_EQ(FlashHolds(scalars_[1]), !done) << n;
  }
}

TEST_F(KeyStoreFaultTest, EachCryptoCallFailsOnce_ChangesAllOrNothing) {
  const std::uint64_t before = crypto_.faults().calls();
  ASSERT_TRUE(store_.Apply(change_.View(), kNone).ok());
  const std::uint64_t calls = crypto_.faults().calls() - before;
  for (std::uint64_t n = 0; n < calls; ++n) {
    flash_.Load(start_);
    crypto_.faults().FailCall(n);
    const bool done = store_.Apply(change_.View(), kNone).ok();
    ASSERT_EQ(Describe(), done ? kNew : kOld) << n;
  }
}

}  // namespace
}  // namespace strata::engine
