// SPDX-License-Identifier: Apache-2.0
// The power fails at every flash operation of a rotation, and calls of ports fail once: the device
// ends with the new keys, whole, and with the right app.
#include <gtest/gtest.h>

#include "keys_fixture_for_test.hpp"

namespace strata::sim {
namespace {

class NewKeysCutTest : public KeysFixture {
 protected:
  /// A device that runs v1, with a message that changes every kind of key waiting.
  void Prepare(std::uint64_t seed) {
    device_ = MakeDevice(seed);
    device_->AddApp(v1_);
    device_->AddApp(v2_);
    device_->Deploy(v1_);
    ASSERT_TRUE(device_->RunUntilSettled());
    device_->PowerOff();
    head_ = StartOfChain();
    Issue({.delete_signers = {FirstSigner()},
           .delete_layer_keys = {FirstLayerKey()},
           .add_signers = {third_.public_key()},
           .add_layer_keys = {Wrap(new_layer_)},
           .cloud_cas = {std::vector<std::uint8_t>(200, 0x30)}});
  }

  void ExpectRotated() {
    EXPECT_EQ(Position(), 1U);
    EXPECT_FALSE(device_->keys().FindSigner(FirstSigner()).ok());
    ExpectSigner(second_, true);
    ExpectSigner(third_, true);
    EXPECT_TRUE(*device_->keys().IsRetired(FirstLayerKey())) << "v1 needs it";
    EXPECT_TRUE(device_->keys()
                    .FindLayerKey(bundle::KeyIdOf(KeyType::kLayer, new_layer_.public_key()))
                    .ok());
    EXPECT_EQ(device_->CheckRuns(&v1_), "");
  }

  AppImage v1_ = Signed("v1", 1, nullptr, nullptr, true);
  AppImage v2_ = Signed("v2", 2);
};

TEST_F(NewKeysCutTest, AnywhereInARotation_EndsWithTheNewKeysAndTheApp) {
  Prepare(1);
  device_->power().Plan(std::nullopt, 1);
  Run();
  ExpectRotated();
  const std::uint64_t operations = device_->power().operations();
  for (std::uint64_t at = 0; at < operations; ++at) {
    for (const CutKind kind : kAllCutKinds) {
      SCOPED_TRACE(std::to_string(at) + std::string(NameOf(kind)));
      Prepare(1);
      device_->power().Plan(Cut{at, kind}, at);
      Run();
      ExpectRotated();
      device_->PowerOff();
      Run();
      ExpectRotated();
    }
  }
}

TEST_F(NewKeysCutTest, AnywhereWhileAnUpdateOfTheGoneSignerIsFetched_TheUpdateNeverLands) {
  std::uint64_t operations = 1;
  for (std::uint64_t at = 0; at < operations; ++at) {
    SCOPED_TRACE(std::to_string(at));
    device_ = MakeDevice(2);
    head_ = StartOfChain();
    device_->AddApp(v1_);
    device_->AddApp(v2_);
    device_->Deploy(v1_);
    Run();
    const wire::Deployment deployment = device_->Deploy(v2_);
    ASSERT_TRUE(StepUntil(engine::State::kFetchingLayers));
    Issue({.delete_signers = {FirstSigner()}});
    device_->power().Plan(operations == 1 ? std::nullopt : std::optional(Cut{at, CutKind::kInside}),
                          at);
    Run();
    if (operations == 1) {
      operations = device_->power().operations();
    }
    ASSERT_TRUE(device_->cloud().OutcomeOf(deployment.id).has_value());
    EXPECT_EQ(device_->cloud().OutcomeOf(deployment.id)->verdict, wire::Verdict::kFailed);
    EXPECT_EQ(device_->CheckRuns(&v1_), "");
    EXPECT_EQ(Position(), 1U);
  }
  EXPECT_GT(operations, 10U);
}

TEST_F(NewKeysCutTest, AnywhereInARevertWithoutAWayBack_EndsWithNoAppAndTheNextOneInstalls) {
  const AppImage bad = Crashing(3, &second_);
  std::uint64_t operations = 0;
  for (std::uint64_t at = 0; at <= operations; ++at) {
    SCOPED_TRACE(std::to_string(at));
    device_ = MakeDevice(3);
    head_ = StartOfChain();
    for (const AppImage& app : {v1_, v2_, bad}) {
      device_->AddApp(app);
    }
    device_->Deploy(v1_);
    Run();
    Issue({.delete_signers = {FirstSigner()}});
    Run();
    const wire::Deployment deployment = device_->Deploy(bad);
    ASSERT_TRUE(StepUntil(engine::State::kConfirming));
    device_->power().Plan(at == 0 ? std::nullopt : std::optional(Cut{at - 1, CutKind::kInside}),
                          at);
    Run();
    operations = at == 0 ? device_->power().operations() : operations;
    EXPECT_EQ(device_->cloud().OutcomeOf(deployment.id)->verdict, wire::Verdict::kReverted);
    EXPECT_EQ(device_->CheckRuns(nullptr), "");
  }
  EXPECT_GT(operations, 3U);
}

TEST_F(NewKeysCutTest, EachCallOfAPortFailsOnce_TheRotationIsMadeUpFor) {
  const auto sweep = [this](auto arm, auto calls) {
    Prepare(4);
    const std::uint64_t before = calls();
    Run();
    const std::uint64_t total = calls() - before;
    ASSERT_GT(total, 0U);
    const std::uint64_t stride = total / 25 + 1;
    for (std::uint64_t n = 0; n < total; n += stride) {
      SCOPED_TRACE(n);
      Prepare(4);
      arm(n);
      Run();
      Run();  // a desired state that could not be asked for comes with the next question
      ExpectRotated();
    }
  };
  {
    SCOPED_TRACE("secure flash");
    sweep([this](std::uint64_t n) { device_->secure().faults().FailCall(n); },
          [this] { return device_->secure().faults().calls(); });
  }
  {
    SCOPED_TRACE("external flash");
    sweep([this](std::uint64_t n) { device_->external().faults().FailCall(n); },
          [this] { return device_->external().faults().calls(); });
  }
  {
    SCOPED_TRACE("crypto");
    sweep([this](std::uint64_t n) { device_->crypto().faults().FailCall(n); },
          [this] { return device_->crypto().faults().calls(); });
  }
  {
    SCOPED_TRACE("cloud");
    sweep([this](std::uint64_t n) { device_->cloud().faults().FailCall(n); },
          [this] { return device_->cloud().faults().calls(); });
  }
}

}  // namespace
}  // namespace strata::sim
