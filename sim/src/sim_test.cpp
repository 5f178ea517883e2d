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
  for (const char* text : {"update-encrypted/stm32:cut=123:inside:seed=5",
                           "a/b:cut=none:seed=1",
                           "a/b:cut=12:inside,40:before,41:seems-undone:seed=1",
                           "a/b:fail=crypto@123:seed=7"}) {
    const auto parsed = CaseId::Parse(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(parsed->Text(), text);
  }
}

TEST(CaseId, WhatIsNone_IsRefused) {
  for (const char* text : {"",
                           "a/b",
                           "a/b:seed=1",
                           "a/b:cut=none",
                           "a/b:cut=1:sideways:seed=1",
                           "a/b:cut=5:inside,4:before:seed=1",
                           "a/b:cut=:seed=1",
                           "a/b:fail=crypto:seed=1",
                           "a/b:fail=luck@1:seed=1",
                           "a/b:cut=none:seed=x"}) {
    EXPECT_FALSE(CaseId::Parse(text).has_value()) << text;
  }
}

TEST(SimFlash, CutThatSeemsDone_ReadsWellFirstAndOtherwiseLater) {
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    Power power;
    SimFlash flash("f", kGeometry, power);
    power.Plan(Cut{0, CutKind::kSeemsDone}, seed);
    const std::vector<std::uint8_t> data(64, 0x11);
    EXPECT_FALSE(flash.Program(0, data).ok());
    power.Restore();
    EXPECT_EQ(Read(flash, 0, 64), data);
    for (int i = 0; i < 40; ++i) {
      changed += Read(flash, 0, 64) != data ? 1 : 0;
    }
    EXPECT_TRUE(flash.IsTorn(48, 16));
  }
  EXPECT_GT(changed, 16);
}

TEST(SimFlash, CutThatSeemsUndone_ReadsErasedFirstAndOtherwiseLater) {
  Power power;
  SimFlash flash("f", kGeometry, power);
  power.Plan(Cut{0, CutKind::kSeemsUndone}, 3);
  const std::vector<std::uint8_t> data(64, 0x11);
  EXPECT_FALSE(flash.Program(0, data).ok());
  power.Restore();
  EXPECT_EQ(Read(flash, 0, 64), std::vector<std::uint8_t>(64, 0xFF));
  EXPECT_TRUE(flash.IsTorn(0, 16));
  EXPECT_FALSE(flash.IsTorn(16, 48));
}

TEST(SimFlash, SeveralCuts_HappenInTurnAndAlike) {
  for (int run = 0; run < 2; ++run) {
    static std::vector<std::uint8_t> first;
    Power power;
    SimFlash flash("f", kGeometry, power);
    power.Plan(std::vector<Cut>{{1, CutKind::kInside}, {3, CutKind::kBefore}}, 9);
    const std::vector<std::uint8_t> data(16, 0x11);
    EXPECT_TRUE(flash.Program(0, data).ok());
    EXPECT_FALSE(flash.Program(16, data).ok());
    power.Restore();
    EXPECT_TRUE(flash.Program(32, data).ok());
    EXPECT_FALSE(flash.Program(48, data).ok());
    EXPECT_FALSE(power.alive());
    first = run == 0 ? flash.bytes() : first;
    EXPECT_EQ(flash.bytes(), first);
  }
}

// Positive controls: the checks of a device find what they look for.
class DeviceChecks : public ::testing::Test {
 protected:
  DeviceChecks() : world_(*FindSimProfile("stm32")), app_(world_.MakeApp({})) {
    device_ = std::make_unique<Device>(world_.profile(), world_.persona(), 1);
    device_->AddApp(app_);
    device_->WatchPlaintext(FilterOf(std::span(&app_, 1)));
    device_->Deploy(app_);
    EXPECT_TRUE(device_->RunUntilSettled());
  }

  /// Plants `bytes` in the middle of a slot, one by one, as no write of the engine could.
  void Plant(ByteSpan bytes) {
    const std::uint32_t at = world_.profile().slot_start_bytes + 100'003;
    for (std::uint32_t i = 0; i < bytes.size(); ++i) {
      const auto now = device_->external().bytes()[at + i];
      device_->external().Corrupt(at + i, static_cast<std::uint8_t>(now ^ bytes[i]));
    }
  }

  TestWorld world_;
  AppImage app_;
  std::unique_ptr<Device> device_;
};

TEST_F(DeviceChecks, SlotsWithoutPlaintext_PassTheScan) {
  EXPECT_FALSE(device_->FindPlaintextInSlots().has_value());
  Plant(RandomBytes(99, 64));
  EXPECT_FALSE(device_->FindPlaintextInSlots().has_value());
}

TEST_F(DeviceChecks, PlantedPieceOfApp_IsFoundAfterCut) {
  Plant(ByteSpan(app_.layers[0].plaintext).subspan(123, 16));
  EXPECT_TRUE(device_->FindPlaintextInSlots().has_value());
}

TEST_F(DeviceChecks, PieceOverTheEdgeOfTwoSectors_IsFound) {
  const ByteSpan piece = ByteSpan(app_.layers[0].plaintext).subspan(123, 16);
  const std::uint32_t edge =
      world_.profile().slot_start_bytes + 25 * world_.profile().external_erase_unit_bytes;
  EXPECT_FALSE(device_->FindPlaintextInSlots().has_value());
  for (std::uint32_t i = 0; i < piece.size(); ++i) {
    // The first half long before the second: the scan in between sees neither.
    if (i == 8) {
      EXPECT_FALSE(device_->FindPlaintextInSlots().has_value());
    }
    const auto now = device_->external().bytes()[edge - 8 + i];
    device_->external().Corrupt(edge - 8 + i, static_cast<std::uint8_t>(now ^ piece[i]));
  }
  EXPECT_TRUE(device_->FindPlaintextInSlots().has_value());
}

TEST_F(DeviceChecks, PlantedLayerKey_IsFound) {
  Plant(world_.persona().keys.layer_keys[0]);
  EXPECT_TRUE(device_->FindPlaintextInSlots().has_value());
}

using DeviceChecksDeathTest = DeviceChecks;

TEST_F(DeviceChecksDeathTest, PlaintextInSlotAfterCut_Panics) {
  Plant(ByteSpan(app_.layers[0].plaintext).subspan(500, 20));
  EXPECT_DEATH(device_->PowerOff(), "plaintext stands in a staging slot");
}

TEST_F(DeviceChecksDeathTest, PlaintextWritten_Panics) {
  const ByteSpan piece = ByteSpan(app_.layers[0].plaintext).subspan(500, 32);
  const std::uint32_t at = world_.profile().slot_start_bytes + 25 * 4096;
  EXPECT_DEATH(static_cast<void>(device_->external().Program(at, piece)),
               "plaintext is written to a staging slot");
}

TEST_F(DeviceChecksDeathTest, PlacementWrittenWhileTheAppRuns_Panics) {
  ASSERT_TRUE(device_->app().running());
  EXPECT_DEATH(static_cast<void>(device_->internal().Erase(0, 8192)), "while the app runs");
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
