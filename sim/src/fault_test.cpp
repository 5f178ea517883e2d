// SPDX-License-Identifier: Apache-2.0
// One call of one port fails once: the device still ends in exactly one app, and the cloud's view
// is true.
#include <gtest/gtest.h>

#include "fixture_for_test.hpp"

namespace strata::sim {
namespace {

constexpr std::uint64_t kCasesPerPort = 40;

class FaultTest : public UpdateFixture {
 protected:
  FaultTest() {
    AppOptions options;
    options.name = "v1";
    options.image_bytes = 10'000;
    options.policies = TestWorld::ReadyPolicy();
    v1_ = world_.MakeApp(options);
    options.name = "v2";
    options.content = 2;
    options.encrypted = true;
    options.external_bytes = 5000;
    v2_ = world_.MakeApp(options);
    Prepare();
    ExpectConfirmed(v1_);
    device_->PowerOff();
    start_ = device_->Freeze();
  }

  void Prepare() {
    device_->AddApp(v1_);
    device_->AddApp(v2_);
  }

  /// `arm(n)` makes the n-th call of a port fail; `calls()` counts its calls.
  template <typename Arm, typename Calls>
  void FailEach(Arm arm, Calls calls) {
    std::uint64_t total = 0;
    for (std::uint64_t i = 0; i <= kCasesPerPort; ++i) {
      device_ = Make(100 + i);
      Prepare();
      device_->Thaw(start_);
      const std::uint64_t before = calls();
      const wire::Deployment deployment = device_->Deploy(v2_);
      const std::uint64_t n = i == 0 ? 1'000'000 : (i - 1) * total / kCasesPerPort;
      arm(n);
      ASSERT_TRUE(device_->RunUntilSettled()) << n;
      total = i == 0 ? calls() - before : total;
      const auto outcome = device_->cloud().OutcomeOf(deployment.id);
      ASSERT_TRUE(outcome.has_value()) << n;
      const bool confirmed = outcome->verdict == wire::Verdict::kConfirmed;
      EXPECT_EQ(device_->CheckRuns(confirmed ? &v2_ : &v1_), "") << n;
      EXPECT_TRUE(confirmed || i > 0);
    }
    EXPECT_GT(total, 0U);
  }

  AppImage v1_;
  AppImage v2_;
  Device::Frozen start_;
};

TEST_F(FaultTest, InternalFlash) {
  FailEach([this](std::uint64_t n) { device_->internal().FailCall(n); },
           [this] { return device_->internal().calls(); });
}

TEST_F(FaultTest, ExternalFlash) {
  FailEach([this](std::uint64_t n) { device_->external().FailCall(n); },
           [this] { return device_->external().calls(); });
}

TEST_F(FaultTest, SecureFlash) {
  FailEach([this](std::uint64_t n) { device_->secure().FailCall(n); },
           [this] { return device_->secure().calls(); });
}

TEST_F(FaultTest, Crypto) {
  FailEach([this](std::uint64_t n) { device_->crypto().FailCall(n); },
           [this] { return device_->crypto().calls(); });
}

TEST_F(FaultTest, Entropy) {
  FailEach([this](std::uint64_t n) { device_->entropy().FailCall(n); },
           [this] { return device_->entropy().calls(); });
}

TEST_F(FaultTest, Cloud) {
  FailEach([this](std::uint64_t n) { device_->cloud().FailCall(n); },
           [this] { return device_->cloud().calls(); });
}

}  // namespace
}  // namespace strata::sim
