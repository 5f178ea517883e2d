// SPDX-License-Identifier: Apache-2.0
// NewKeys messages that must not be obeyed: nothing changes, the device says why, and lives on.
#include <gtest/gtest.h>

#include "keys_fixture_for_test.hpp"

namespace strata::sim {
namespace {

class NewKeysRefusedTest : public KeysFixture {
 protected:
  NewKeysRefusedTest() : v1_(Signed("v1", 1)) {
    ExpectConfirmed(v1_);
    Issue({.add_signers = {third_.public_key()}});
    first_ = Sign({.sequence = 1});
    Run();
    EXPECT_EQ(Position(), 1U);
  }

  /// The cloud serves `message` as number 2.
  void ExpectRefused(const Message& message, Code code) {
    const ChainPosition before = *device_->keys().Position();
    const std::size_t reports = device_->cloud().reports().size();
    device_->clock().Advance(600'000);  // what was refused before is asked for again
    device_->cloud().SetNewKeys(2, message);
    device_->cloud().AnnounceKeys(2);
    Run();
    EXPECT_EQ(*device_->keys().Position(), before);
    EXPECT_TRUE(device_->keys().FindSigner(FirstSigner()).ok());
    ASSERT_GT(device_->cloud().reports().size(), reports);
    const wire::Report& report = device_->cloud().reports().back();
    EXPECT_EQ(report.error, Fail(code, Op::kNewKeys, 2));
    EXPECT_EQ(report.keys_sequence, 1U);
    EXPECT_FALSE(report.deployment_id.has_value());
    EXPECT_EQ(device_->CheckRuns(&v1_), "");
  }

  Changes Revocation() const { return {.delete_signers = {FirstSigner()}}; }

  AppImage v1_;
  Message first_;
};

TEST_F(NewKeysRefusedTest, Skipped) {
  Changes body = Revocation();
  body.sequence = 3;
  ExpectRefused(Sign(body), Code::kNewKeysOutOfOrder);
}

TEST_F(NewKeysRefusedTest, Replayed) {
  Changes body = Revocation();
  body.sequence = 1;
  ExpectRefused(Sign(body), Code::kNewKeysOutOfOrder);
}

TEST_F(NewKeysRefusedTest, Forked) {
  Changes body = Revocation();
  body.previous_hash = bundle::Sha256(first_);
  ExpectRefused(Sign(body), Code::kNewKeysOutOfOrder);
  head_.sequence = 0;  // a second message without one before
  body.previous_hash.reset();
  body.sequence = 2;
  ExpectRefused(Sign(body), Code::kNewKeysOutOfOrder);
}

TEST_F(NewKeysRefusedTest, OfAnotherFleet) {
  Changes body = Revocation();
  body.fleet = bundle::FleetId{9};
  ExpectRefused(Sign(body), Code::kNewKeysOtherFleet);
}

TEST_F(NewKeysRefusedTest, ByAnotherRotationKey) {
  ExpectRefused(*bundle::SignNewKeys(BodyOf(Revocation()), second_), Code::kRotationKeyUnknown);
}

TEST_F(NewKeysRefusedTest, Forged) {
  auto sealed = *bundle::ParseNewKeys(Sign(Revocation()));
  sealed.signature[5] ^= 1;
  ExpectRefused(bundle::SerializeNewKeys(sealed), Code::kSignatureInvalid);
  sealed.signature[5] ^= 1;
  sealed.body.back() ^= 1;
  ExpectRefused(bundle::SerializeNewKeys(sealed), Code::kSignatureInvalid);
}

TEST_F(NewKeysRefusedTest, Rubbish) {
  ExpectRefused(Message(100, 0xFF), Code::kNewKeysMalformed);
  ExpectRefused(Message(5000, 0), Code::kNewKeysMalformed);
  ExpectRefused({}, Code::kNewKeysMalformed);
}

TEST_F(NewKeysRefusedTest, SignedRubbish) {
  ExpectRefused(Seal({0xFF}), Code::kNewKeysMalformed);
}

TEST_F(NewKeysRefusedTest, KeyThatIsNotOnTheCurve) {
  bundle::NewKeysBody body = BodyOf({.add_signers = {second_.public_key()}});
  body.add_signers[0][20] ^= 1;
  ExpectRefused(Seal(bundle::SerializeNewKeysBody(body)), Code::kNewKeysMalformed);
}

TEST_F(NewKeysRefusedTest, LayerKeyThatDoesNotOpen) {
  Changes body = Revocation();
  body.add_layer_keys = {Wrap(new_layer_)};
  body.add_layer_keys[0].ciphertext[0] ^= 1;
  ExpectRefused(Sign(body), Code::kLayerDecryptFailed);
}

TEST_F(NewKeysRefusedTest, LastSigner) {
  ExpectRefused(Sign({.delete_signers = {FirstSigner(), SignerId(second_), SignerId(third_)}}),
                Code::kLastSigner);
}

TEST_F(NewKeysRefusedTest, NoRoom) {
  Changes body;
  for (int i = 0; i < 6; ++i) {
    body.add_signers.push_back(NewTestKey().public_key());
  }
  ExpectRefused(Sign(body), Code::kKeyStoreFull);
}

TEST_F(NewKeysRefusedTest, AppManifest_InPlaceOfKeys) {
  ExpectRefused(v1_.manifest, Code::kRotationKeyUnknown);
  // Even if one key pair were used for both, and the envelope named it as a rotation key.
  const auto manifest = *bundle::ParseManifest(v1_.manifest);
  ExpectRefused(Seal(manifest.body, bundle::kManifestPrefix), Code::kSignatureInvalid);
}

TEST_F(NewKeysRefusedTest, KeysInPlaceOfAnAppManifest) {
  const auto keys = *bundle::ParseNewKeys(Sign(Revocation()));
  bundle::SealedManifest sealed;
  sealed.signer = SignerId(second_);
  sealed.body = keys.body;
  sealed.signature = *second_.Sign(bundle::kNewKeysPrefix, keys.body);
  AppImage fake{.name = "fake",
                .manifest_hash = {},
                .manifest = bundle::SerializeManifest(sealed),
                .layers = {},
                .script = {}};
  fake.manifest_hash = bundle::Sha256(fake.manifest);
  device_->AddApp(fake);
  UpdateFixture::ExpectRefused(fake, wire::Verdict::kFailed, Code::kSignatureInvalid, &v1_);
}

TEST_F(NewKeysRefusedTest, ThenTheRightOneComes_IsObeyed) {
  ExpectRefused(Message(100, 0xFF), Code::kNewKeysMalformed);
  Issue(Revocation());
  device_->clock().Advance(600'000);
  Run();
  EXPECT_EQ(Position(), 2U);
}

TEST_F(NewKeysRefusedTest, FlippedSignatureAndPaddedEnvelope_DoNotForkTheChain) {
  // What a hostile cloud can do to a message without any key: it means the same, and the next one
  // still follows.
  Message padded = Sign({.add_signers = {second_.public_key()}});
  head_.last_hash = bundle::Sha256(bundle::ParseNewKeys(padded)->body);
  ++head_.sequence;
  padded.insert(padded.end(), {0xA2, 0x06, 0x01, 0x55});  // an unknown field of the envelope
  device_->cloud().SetNewKeys(2, padded);
  Issue(Revocation());
  Run();
  EXPECT_EQ(Position(), 3U);
}

TEST_F(NewKeysRefusedTest, RefusedOrWithheld_NeverHoldsUpADeployment) {
  device_->cloud().AnnounceKeys(2);  // 404
  const AppImage v2 = Signed("v2", 2);
  ExpectConfirmed(v2);
  device_->cloud().SetNewKeys(2, Message(100, 0xFF));
  const AppImage v3 = Signed("v3", 3);
  ExpectConfirmed(v3);
  EXPECT_EQ(Position(), 1U);
}

TEST_F(NewKeysRefusedTest, Withheld_IsAskedForWithGrowingPauses) {
  device_->cloud().AnnounceKeys(2);
  Run();
  const std::uint64_t begin = device_->clock().NowMs();
  const std::uint64_t calls = device_->cloud().faults().calls();
  while (device_->clock().NowMs() < begin + 3'600'000) {
    device_->StepOnce();
  }
  // A question for the message and one for the desired state, every five minutes or so.
  EXPECT_LT(device_->cloud().faults().calls() - calls, 60U);
  EXPECT_GT(device_->cloud().faults().calls() - calls, 10U);
}

TEST_F(NewKeysRefusedTest, DeviceWithoutRotationKeys_RefusesEveryMessage) {
  rotation_publics_.clear();
  device_ = MakeDevice(8);
  head_ = StartOfChain();
  Issue({.add_signers = {third_.public_key()}});
  Run();
  EXPECT_EQ(Position(), 0U);
  EXPECT_EQ(device_->cloud().reports().back().error.code, Code::kRotationKeyUnknown);
}

}  // namespace
}  // namespace strata::sim
