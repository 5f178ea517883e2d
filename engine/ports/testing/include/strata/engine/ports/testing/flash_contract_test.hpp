// SPDX-License-Identifier: Apache-2.0
/// The contract of ports::Flash as tests. Every implementation runs them over itself:
///   INSTANTIATE_TEST_SUITE_P(FileFlash, FlashContract, testing::Values(MakeFileFlashRig));
/// A rig owns one erased flash and can build it anew over the same medium, as a restart would.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "strata/engine/ports/flash.hpp"

namespace strata::ports::testing {

class FlashRig {
 public:
  virtual ~FlashRig() = default;
  FlashRig() = default;
  FlashRig(const FlashRig&) = delete;
  FlashRig& operator=(const FlashRig&) = delete;

  /// At least three erase units of at least two program units each.
  virtual Flash& flash() = 0;

  /// Drops the flash object and makes a new one over the same medium.
  virtual void Reopen() = 0;
};

using MakeFlashRig = std::function<std::unique_ptr<FlashRig>()>;

class FlashContract : public ::testing::TestWithParam<MakeFlashRig> {
 protected:
  void SetUp() override {
    rig_ = GetParam()();
    ASSERT_NE(rig_, nullptr);
    ASSERT_GE(geometry().size_bytes, 3 * geometry().erase_unit_bytes);
  }

  [[nodiscard]] Flash& flash() const { return rig_->flash(); }

  [[nodiscard]] const FlashGeometry& geometry() const { return rig_->flash().geometry(); }

  [[nodiscard]] std::vector<std::uint8_t> Pattern(std::size_t length) const {
    std::vector<std::uint8_t> data(length);
    for (std::size_t i = 0; i < length; ++i) {
      data[i] = static_cast<std::uint8_t>(i * 7 + 1);
    }
    return data;
  }

  [[nodiscard]] std::vector<std::uint8_t> Bytes(std::uint32_t offset, std::size_t length) const {
    std::vector<std::uint8_t> data(length);
    EXPECT_TRUE(flash().Read(offset, data).ok());
    return data;
  }

  [[nodiscard]] std::vector<std::uint8_t> Erased(std::size_t length) const {
    return std::vector<std::uint8_t>(length, geometry().erased_value);
  }

  std::unique_ptr<FlashRig> rig_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FlashContract);

TEST_P(FlashContract, Geometry_Always_IsConsistent) {
  ASSERT_NE(geometry().program_unit_bytes, 0U);
  EXPECT_EQ(geometry().erase_unit_bytes % geometry().program_unit_bytes, 0U);
  EXPECT_EQ(geometry().size_bytes % geometry().erase_unit_bytes, 0U);
}

TEST_P(FlashContract, Read_OfNewMedium_IsErased) {
  EXPECT_EQ(Bytes(0, geometry().size_bytes), Erased(geometry().size_bytes));
}

TEST_P(FlashContract, Read_Unaligned_ReturnsThoseBytes) {
  const auto data = Pattern(2 * geometry().program_unit_bytes);
  ASSERT_TRUE(flash().Program(0, data).ok());
  EXPECT_EQ(Bytes(1, data.size() - 2), std::vector(data.begin() + 1, data.end() - 1));
}

TEST_P(FlashContract, Read_OutsideMedium_IsRefused) {
  std::vector<std::uint8_t> two(2);
  EXPECT_EQ(flash().Read(geometry().size_bytes - 1, two).error().code, Code::kFlashOutOfBounds);
  EXPECT_EQ(flash().Read(0xFFFFFFFF, two).error().code, Code::kFlashOutOfBounds);
  EXPECT_TRUE(flash().Read(geometry().size_bytes, {}).ok());
}

TEST_P(FlashContract, Program_OnErased_ChangesThoseUnitsOnly) {
  const std::uint32_t unit = geometry().program_unit_bytes;
  const auto data = Pattern(unit);
  ASSERT_TRUE(flash().Program(unit, data).ok());
  EXPECT_EQ(Bytes(0, unit), Erased(unit));
  EXPECT_EQ(Bytes(unit, unit), data);
  EXPECT_EQ(Bytes(2 * unit, unit), Erased(unit));
}

TEST_P(FlashContract, Program_OnProgrammedUnit_IsRefusedAndKeepsIt) {
  const auto data = Pattern(geometry().program_unit_bytes);
  ASSERT_TRUE(flash().Program(0, data).ok());
  const std::vector<std::uint8_t> zeros(data.size());
  EXPECT_EQ(flash().Program(0, zeros).error().code, Code::kFlashNotErased);
  EXPECT_EQ(Bytes(0, data.size()), data);
}

TEST_P(FlashContract, Program_UnalignedOrOutside_IsRefusedAndDoesNothing) {
  const std::uint32_t unit = geometry().program_unit_bytes;
  const auto data = Pattern(2 * unit);
  if (unit > 1) {
    EXPECT_EQ(flash().Program(1, ByteSpan(data).first(unit)).error().code, Code::kFlashUnaligned);
    EXPECT_EQ(flash().Program(0, ByteSpan(data).first(unit - 1)).error().code,
              Code::kFlashUnaligned);
  }
  EXPECT_EQ(flash().Program(geometry().size_bytes - unit, data).error().code,
            Code::kFlashOutOfBounds);
  EXPECT_EQ(Bytes(0, geometry().size_bytes), Erased(geometry().size_bytes));
}

TEST_P(FlashContract, Erase_OfOneUnit_LeavesItsNeighbours) {
  const std::uint32_t unit = geometry().erase_unit_bytes;
  const auto data = Pattern(3 * unit);
  ASSERT_TRUE(flash().Program(0, data).ok());
  ASSERT_TRUE(flash().Erase(unit, unit).ok());
  EXPECT_EQ(Bytes(0, unit), std::vector(data.begin(), data.begin() + unit));
  EXPECT_EQ(Bytes(unit, unit), Erased(unit));
  EXPECT_EQ(Bytes(2 * unit, unit), std::vector(data.begin() + 2 * unit, data.end()));
}

TEST_P(FlashContract, Erase_OfProgrammedUnit_MakesItProgrammable) {
  const auto data = Pattern(geometry().program_unit_bytes);
  ASSERT_TRUE(flash().Program(0, data).ok());
  ASSERT_TRUE(flash().Erase(0, geometry().erase_unit_bytes).ok());
  EXPECT_TRUE(flash().Program(0, data).ok());
}

TEST_P(FlashContract, Erase_UnalignedOrOutside_IsRefusedAndDoesNothing) {
  const std::uint32_t unit = geometry().erase_unit_bytes;
  const auto data = Pattern(geometry().program_unit_bytes);
  ASSERT_TRUE(flash().Program(0, data).ok());
  EXPECT_EQ(flash().Erase(geometry().program_unit_bytes / 2 + 1, unit).error().code,
            Code::kFlashUnaligned);
  EXPECT_EQ(flash().Erase(0, unit + 1).error().code, Code::kFlashUnaligned);
  EXPECT_EQ(flash().Erase(geometry().size_bytes, unit).error().code, Code::kFlashOutOfBounds);
  EXPECT_EQ(Bytes(0, data.size()), data);
}

TEST_P(FlashContract, Sync_ThenReopen_KeepsEverything) {
  const auto data = Pattern(geometry().program_unit_bytes);
  ASSERT_TRUE(flash().Program(0, data).ok());
  ASSERT_TRUE(flash().Erase(geometry().erase_unit_bytes, geometry().erase_unit_bytes).ok());
  ASSERT_TRUE(flash().Sync().ok());
  rig_->Reopen();
  EXPECT_EQ(Bytes(0, data.size()), data);
  EXPECT_EQ(Bytes(geometry().erase_unit_bytes, geometry().erase_unit_bytes),
            Erased(geometry().erase_unit_bytes));
}

}  // namespace strata::ports::testing
