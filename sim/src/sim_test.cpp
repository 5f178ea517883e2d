// SPDX-License-Identifier: Apache-2.0
// The simulator's own rules: a sweep proves nothing if these don't bite.
#include <gtest/gtest.h>

#include "strata/engine/ports/testing/flash_contract_test.hpp"
#include "strata/sim/plaintext_filter.hpp"
#include "strata/sim/scenario.hpp"

#include "world_for_test.hpp"

namespace strata::sim {
namespace {

constexpr ports::FlashGeometry kGeometry{4096, 16, 1024};

std::vector<std::uint8_t> Read(SimFlash& flash, std::uint32_t offset, std::size_t size) {
  std::vector<std::uint8_t> out(size);
  EXPECT_TRUE(flash.Read(offset, out).ok());
  return out;
}

TEST(SimFlash, ErasedThenProgrammed_ReadsBack) {
  Power power;
  SimFlash flash("f", kGeometry, power);
  const std::vector<std::uint8_t> data(32, 0x5A);
  ASSERT_TRUE(flash.Program(64, data).ok());
  EXPECT_EQ(Read(flash, 64, 32), data);
  ASSERT_TRUE(flash.Erase(0, 1024).ok());
  EXPECT_EQ(Read(flash, 64, 32), std::vector<std::uint8_t>(32, 0xFF));
}

TEST(SimFlash, OutsideBoundsOrUnaligned_IsRefused) {
  Power power;
  SimFlash flash("f", kGeometry, power);
  std::vector<std::uint8_t> data(16);
  EXPECT_EQ(flash.Read(4090, data).error().code, Code::kFlashOutOfBounds);
  EXPECT_EQ(flash.Program(8, data).error().code, Code::kFlashUnaligned);
  EXPECT_EQ(flash.Erase(512, 1024).error().code, Code::kFlashUnaligned);
  EXPECT_EQ(flash.Erase(4096, 1024).error().code, Code::kFlashOutOfBounds);
}

TEST(SimFlashDeathTest, UnitProgrammedTwice_Panics) {
  Power power;
  SimFlash flash("f", kGeometry, power);
  const std::vector<std::uint8_t> data(16, 0xFF);  // also when no bit would change
  ASSERT_TRUE(flash.Program(0, data).ok());
  EXPECT_DEATH(static_cast<void>(flash.Program(0, data)), "programmed twice");
}

TEST(SimFlashDeathTest, TornUnitProgrammedAgain_Panics) {
  Power power;
  SimFlash flash("f", kGeometry, power);
  power.Plan(Cut{0, CutKind::kInside}, 1);
  const std::vector<std::uint8_t> data(16, 0x11);
  EXPECT_FALSE(flash.Program(0, data).ok());
  power.Restore();
  EXPECT_DEATH(static_cast<void>(flash.Program(0, data)), "programmed twice");
}

TEST(SimFlash, DeadDevice_ChangesNothing) {
  Power power;
  SimFlash flash("f", kGeometry, power);
  power.Plan(Cut{0, CutKind::kBefore}, 1);
  const std::vector<std::uint8_t> data(16, 0x11);
  EXPECT_FALSE(flash.Program(0, data).ok());
  EXPECT_FALSE(flash.Program(16, data).ok());
  EXPECT_FALSE(flash.Erase(0, 1024).ok());
  power.Restore();
  EXPECT_EQ(Read(flash, 0, 32), std::vector<std::uint8_t>(32, 0xFF));
}

TEST(SimFlash, CutAfterOperation_KeepsIt) {
  Power power;
  SimFlash flash("f", kGeometry, power);
  power.Plan(Cut{0, CutKind::kAfter}, 1);
  const std::vector<std::uint8_t> data(16, 0x11);
  EXPECT_FALSE(flash.Program(0, data).ok());
  EXPECT_FALSE(power.alive());
  power.Restore();
  EXPECT_EQ(Read(flash, 0, 16), data);
}

TEST(SimFlash, TornErase_LeavesUnitsThatMayReadDifferently) {
  int different = 0;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    Power power;
    SimFlash flash("f", kGeometry, power);
    const std::vector<std::uint8_t> data(1024, 0x11);
    ASSERT_TRUE(flash.Program(0, data).ok());
    power.Plan(Cut{0, CutKind::kInside}, seed);
    EXPECT_FALSE(flash.Erase(0, 1024).ok());
    power.Restore();
    std::vector<std::uint8_t> first(16);
    std::vector<std::uint8_t> second(16);
    const bool read = flash.Read(0, first).ok() && flash.Read(0, second).ok();
    different += !read || first != second ? 1 : 0;
  }
  EXPECT_GT(different, 2);
}

TEST(PlaintextFilter, WindowOfText_IsRecognisedAnywhere) {
  PlaintextFilter filter;
  const std::vector<std::uint8_t> text = RandomBytes(1, 1000);
  filter.Add(text);
  std::vector<std::uint8_t> bytes = RandomBytes(2, 500);
  EXPECT_FALSE(filter.Recognises(bytes));
  std::copy_n(text.begin() + 333, 16, bytes.begin() + 77);
  EXPECT_TRUE(filter.Recognises(bytes));
  EXPECT_FALSE(filter.Recognises(std::vector<std::uint8_t>(64, 0xFF)));
}

TEST(LedgerCryptoDeathTest, NonceUsedForOtherBytes_Panics) {
  ASSERT_TRUE(platform::PsaCrypto::Init().ok());
  platform::PsaCrypto real;
  LedgerCrypto crypto(real);
  const ports::AeadKey key{1};
  const ports::AeadNonce nonce{2};
  const std::vector<std::uint8_t> message(20, 7);
  std::vector<std::uint8_t> out(36);
  ASSERT_TRUE(crypto.Seal(key, nonce, {}, message, out).ok());
  ASSERT_TRUE(crypto.Seal(key, nonce, {}, message, out).ok());
  const std::vector<std::uint8_t> other(20, 8);
  EXPECT_DEATH(static_cast<void>(crypto.Seal(key, nonce, {}, other, out)),
               "two different messages");
}

TEST(CaseId, TextAndBack_IsTheSameCase) {
  const CaseId id{"update-enc", "stm32", Cut{123, CutKind::kInside}, 5};
  EXPECT_EQ(id.Text(), "update-enc/stm32:cut=123:inside:seed=5");
  const auto parsed = CaseId::Parse(id.Text());
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->Text(), id.Text());
  EXPECT_EQ(CaseId::Parse("a/b:cut=none:seed=1")->cut.has_value(), false);
  EXPECT_FALSE(CaseId::Parse("a/b:cut=1:sideways:seed=1").has_value());
  EXPECT_FALSE(CaseId::Parse("").has_value());
}

}  // namespace
}  // namespace strata::sim

namespace strata::ports::testing {
namespace {

class SimFlashRig final : public FlashRig {
 public:
  explicit SimFlashRig(const FlashGeometry& geometry) : geometry_(geometry) { Reopen(); }

  Flash& flash() override { return *flash_; }

  void Reopen() override {
    auto next = std::make_unique<sim::SimFlash>("contract", geometry_, power_);
    if (flash_) {
      next->Load(flash_->Save());
    }
    next->RefuseInsteadOfPanic();
    flash_ = std::move(next);
  }

 private:
  FlashGeometry geometry_;
  sim::Power power_;
  std::unique_ptr<sim::SimFlash> flash_;
};

MakeFlashRig RigOf(const FlashGeometry& geometry) {
  return [geometry] { return std::make_unique<SimFlashRig>(geometry); };
}

INSTANTIATE_TEST_SUITE_P(SimFlash,
                         FlashContract,
                         ::testing::Values(RigOf({16 * 1024, 16, 4096}),
                                           RigOf({8192, 1, 2048}),
                                           RigOf({512 * 1024, 32, 128 * 1024})));

}  // namespace
}  // namespace strata::ports::testing
