// SPDX-License-Identifier: Apache-2.0
// Who may debug: the running app's manifest says it, and a signature over a fresh challenge proves
// it.
#include <gtest/gtest.h>

#include "strata/engine/debug.hpp"
#include "strata/platform/psa/psa_crypto.hpp"

#include "fixture_for_test.hpp"

namespace strata::sim {
namespace {

class DebugPolicyTest : public UpdateFixture {
 protected:
  DebugPolicyTest() : key_(NewKey()), other_(NewKey()) {}

  static bundle::PrivateKey NewKey() {
    auto key = bundle::PrivateKey::Generate();
    EXPECT_TRUE(key.ok());
    return std::move(key).value();
  }

  AppImage Debuggable(std::uint64_t content) {
    AppOptions options;
    options.name = "debuggable";
    options.content = content;
    options.policies = TestWorld::ReadyPolicy();
    options.policies.debug_auth_key = key_.public_key();
    return Add(options);
  }

  static Signature Sign(const bundle::PrivateKey& key, const engine::DebugChallenge& challenge) {
    platform::PsaIdentity signer(challenge.device);
    EXPECT_TRUE(signer.Load(key.scalar()).ok());
    const auto parts = challenge.SignedParts();
    return *signer.Sign(parts);
  }

  engine::Engine& engine() { return *device_->engine(); }

  bundle::PrivateKey key_;
  bundle::PrivateKey other_;
};

TEST_F(DebugPolicyTest, HolderOfTheKey_IsLetIn) {
  ExpectConfirmed(Debuggable(1));
  const auto challenge = engine().ChallengeDebugger();
  ASSERT_TRUE(challenge.ok());
  EXPECT_FALSE(engine().debugging_open());
  EXPECT_TRUE(engine().OpenDebugging(Sign(key_, *challenge)).ok());
  EXPECT_TRUE(engine().debugging_open());
}

TEST_F(DebugPolicyTest, WithoutAKeyInTheManifest_IsRefused) {
  ExpectConfirmed(Ready("v1", 1));
  EXPECT_EQ(engine().ChallengeDebugger().error().code, Code::kDebugRefused);
}

TEST_F(DebugPolicyTest, WithoutAnApp_IsRefused) {
  ASSERT_TRUE(device_->BootOnce());
  EXPECT_EQ(engine().ChallengeDebugger().error().code, Code::kDebugRefused);
}

TEST_F(DebugPolicyTest, AnotherKeyOrAnotherChallenge_IsRefusedAndTheChallengeUsedUp) {
  ExpectConfirmed(Debuggable(1));
  const auto first = engine().ChallengeDebugger();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(engine().OpenDebugging(Sign(other_, *first)).error().code, Code::kSignatureInvalid);
  EXPECT_EQ(engine().OpenDebugging(Sign(key_, *first)).error().code, Code::kDebugNoChallenge);
  const auto second = engine().ChallengeDebugger();
  ASSERT_TRUE(second.ok());
  EXPECT_NE(first->nonce, second->nonce);
  EXPECT_EQ(engine().OpenDebugging(Sign(key_, *first)).error().code, Code::kSignatureInvalid);
  EXPECT_FALSE(engine().debugging_open());
}

TEST_F(DebugPolicyTest, StagedKey_DoesNotCountBeforeItsAppRuns) {
  AppOptions options;
  options.name = "polite";
  options.policies = TestWorld::ReadyPolicy();
  options.policies.maximum_politeness_time_sec = 1000;
  options.script.defers = true;
  ExpectConfirmed(Add(options));
  device_->Deploy(Debuggable(2));
  for (int i = 0; i < 20'000 && engine().snapshot().state != engine::State::kStaged; ++i) {
    device_->StepOnce();
  }
  ASSERT_EQ(engine().snapshot().state, engine::State::kStaged);
  EXPECT_EQ(engine().ChallengeDebugger().error().code, Code::kDebugRefused);
}

TEST_F(DebugPolicyTest, AnUpdate_EndsDebuggingAndTheOpenChallenge) {
  ExpectConfirmed(Debuggable(1));
  const auto challenge = engine().ChallengeDebugger();
  ASSERT_TRUE(challenge.ok());
  ASSERT_TRUE(engine().OpenDebugging(Sign(key_, *challenge)).ok());
  ExpectConfirmed(Debuggable(2));
  EXPECT_FALSE(engine().debugging_open());
  const auto before = engine().ChallengeDebugger();
  ASSERT_TRUE(before.ok());
  ExpectConfirmed(Debuggable(3));
  EXPECT_EQ(engine().OpenDebugging(Sign(key_, *before)).error().code, Code::kDebugNoChallenge);
}

}  // namespace
}  // namespace strata::sim
