// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "strata/core/checked.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/hardware.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/result.hpp"
#include "strata/core/secure.hpp"
#include "strata/core/sid.hpp"
#include "strata/core/staging_size.hpp"

namespace strata {
namespace {

constexpr std::string_view kDigestText =
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

Result<int> Half(int value) {
  if (value % 2 != 0) {
    return Fail(Code::kInvalidArgument, Op::kParse, static_cast<std::uint32_t>(value));
  }
  return value / 2;
}

Result<int> Quarter(int value) {
  STRATA_TRY_ASSIGN(const int half, Half(value));
  STRATA_TRY_ASSIGN(const int quarter, Half(half));
  return quarter;
}

TEST(Result, TryAssign_PassesTheFirstErrorOn) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(6).error(), Fail(Code::kInvalidArgument, Op::kParse, 3));
  EXPECT_EQ(Quarter(8).error(), Error{});
}

TEST(Result, MoveOnlyValue_MovesAndAssigns) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  Result<std::unique_ptr<int>> other = Fail(Code::kIo);
  other = std::move(result);
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(**other, 7);
  other = Result<std::unique_ptr<int>>(Fail(Code::kIo));
  EXPECT_FALSE(other.ok());
}

TEST(Digest, HexText_IsLowercaseAndExact) {
  const auto digest = Digest::FromHexText(kDigestText);
  ASSERT_TRUE(digest.has_value());
  const auto text = digest->ToHexText();
  EXPECT_EQ(std::string_view(text.data(), text.size()), kDigestText);
  std::string capital(kDigestText);
  capital[20] = 'A';
  EXPECT_FALSE(Digest::FromHexText(capital));
  EXPECT_FALSE(Digest::FromHexText(kDigestText.substr(1)));
  EXPECT_FALSE(Digest::FromHexText(std::string(kDigestText) + "0"));
  EXPECT_FALSE(Digest::FromBytes(std::array<std::uint8_t, 31>{}));
}

TEST(Sid, Parse_AcceptsTheOriginalsPatternOnly) {
  const std::string lower = "UV" + std::string(32, 'a');
  ASSERT_TRUE(DeviceSid::Parse(lower));
  EXPECT_EQ(DeviceSid::Parse("UV" + std::string(32, 'A'))->text(), lower);
  EXPECT_FALSE(DeviceSid::Parse("KA" + std::string(32, 'a')));
  EXPECT_FALSE(DeviceSid::Parse("UV" + std::string(31, 'a')));
  EXPECT_FALSE(DeviceSid::Parse("UV" + std::string(31, 'a') + "g"));
  EXPECT_FALSE(DeviceSid::Parse("UV" + std::string(31, 'a') + std::string(1, '\0')));
  const std::array<std::uint8_t, 16> bytes = {0x0f, 0xa0};
  EXPECT_EQ(AppSid::FromBytes(bytes).text(), "KA0fa0" + std::string(28, '0'));
}

TEST(Checked, RoundUp_AnswersNothingOnOverflow) {
  EXPECT_EQ(RoundUp<std::uint32_t>(0, 8), 0U);
  EXPECT_EQ(RoundUp<std::uint32_t>(9, 8), 16U);
  EXPECT_FALSE(RoundUp<std::uint32_t>(0xFFFFFFFFU, 8));
  EXPECT_FALSE(CheckedAdd<std::uint32_t>(0xFFFFFFFFU, 1));
  EXPECT_FALSE(IsAligned<std::uint32_t>(8, 0));
}

TEST(Secure, ConstantTimeEqual_ComparesLengthAndBytes) {
  EXPECT_TRUE(ConstantTimeEqual(AsBytes("secret"), AsBytes("secret")));
  EXPECT_FALSE(ConstantTimeEqual(AsBytes("secret"), AsBytes("secreT")));
  EXPECT_FALSE(ConstantTimeEqual(AsBytes("secret"), AsBytes("secre")));
  std::array<std::uint8_t, 3> bytes = {1, 2, 3};
  SecureZero(bytes);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 3>{}));
}

TEST(Keys, KeyId_IsTheFirstEightBytesBigEndian) {
  EXPECT_EQ(KeyIdFromDigest(*Digest::FromHexText(kDigestText)),
            static_cast<KeyId>(0x0011223344556677));
}

TEST(StagingSize, Layer_TakesWholeChunksAndWholeUnits) {
  EXPECT_EQ(StagedLayerBytes(1, 4096), 4096U);
  EXPECT_EQ(StagedLayerBytes(4080, 4096), 4096U);
  EXPECT_EQ(StagedLayerBytes(4081, 4096), 8192U);
  EXPECT_EQ(StagedLayerBytes(4080, 131072), 131072U);
  EXPECT_EQ(StagedManifestBytes(2048), 4096U);
  EXPECT_EQ(StagedManifestBytes(65536), 65536U);
  EXPECT_EQ(FetchLimitBytes(7, 4096, true), 7U);
  EXPECT_EQ(FetchLimitBytes(0, 4096, false), 4096U);
  EXPECT_EQ(FetchLimitBytes(0, 4097, true), 69U + 4097U + 32U);
  EXPECT_GT(FetchLimitBytes(0, 0xFFFFFFFFU, true), 0xFFFFFFFFU);
}

TEST(Hardware, Profiles_AreConsistent) {
  EXPECT_EQ(HardwareProfiles().front().name, "stm32u585");
  EXPECT_EQ(FindHardwareProfile("nothing"), nullptr);
  for (const HardwareProfile& profile : HardwareProfiles()) {
    SCOPED_TRACE(profile.name);
    EXPECT_EQ(FindHardwareProfile(profile.name), &profile);
    EXPECT_TRUE(IsAligned(profile.internal_bytes, profile.internal_erase_unit_bytes));
    EXPECT_TRUE(IsAligned(profile.external_app_bytes, profile.external_erase_unit_bytes));
    EXPECT_TRUE(IsAligned(profile.slot_start_bytes, profile.external_erase_unit_bytes));
    EXPECT_TRUE(IsAligned(profile.slot_bytes, profile.external_erase_unit_bytes));
    // Placements can never reach a staging slot.
    EXPECT_LE(profile.external_app_bytes, profile.slot_start_bytes);
    EXPECT_LE(profile.slot_start_bytes + 2 * profile.slot_bytes, profile.external_bytes);
    // The whole internal medium fits a slot, encrypted and sealed.
    const std::uint32_t unit = profile.external_erase_unit_bytes;
    const std::uint64_t layer = FetchLimitBytes(0, profile.internal_bytes / 32, true);
    EXPECT_LE(StagedManifestBytes(unit) + 32 * StagedLayerBytes(layer, unit), profile.slot_bytes);
  }
}

}  // namespace
}  // namespace strata
