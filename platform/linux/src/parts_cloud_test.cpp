// SPDX-License-Identifier: Apache-2.0
#include "parts_cloud.hpp"

#include <array>
#include <fstream>

#include <gtest/gtest.h>

#include "temp_dir.hpp"

namespace strata::device {
namespace {

class PartsCloudTest : public testing::Test {
 protected:
  void Put(const Digest& name, const std::string& bytes) const {
    const auto hex = name.ToHexText();
    std::ofstream(dir_.path() / std::string(hex.data(), hex.size()), std::ios::binary) << bytes;
  }

  TempDir dir_;
  const Digest hash_{{1, 2, 3}};
  PartsCloud cloud_{
      dir_.path(),
      {.deployment = wire::Deployment{.app = AppSid::FromBytes(std::array<std::uint8_t, 16>{7}),
                                      .manifest_hash = hash_,
                                      .id = {9}}}};
  std::array<std::uint8_t, 8> out_{};
};

TEST_F(PartsCloudTest, Desired_IsToldOnceAndAgainWhenAskedFor) {
  std::array<std::uint8_t, wire::kMaxDesiredStateBytes> out{};
  const auto size = cloud_.TakeDesired(out);
  ASSERT_TRUE(size.ok());
  const auto state = wire::DecodeDesiredState(ByteSpan(out).first(*size));
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->deployment->manifest_hash, hash_);
  EXPECT_EQ(*cloud_.TakeDesired(out), 0U);
  cloud_.RefreshDesired();
  EXPECT_GT(*cloud_.TakeDesired(out), 0U);
}

TEST_F(PartsCloudTest, Manifest_IsWholeOrRefused) {
  EXPECT_EQ(cloud_.FetchManifest(hash_, out_).error().code, Code::kNotFound);
  Put(hash_, "12345678");
  EXPECT_EQ(*cloud_.FetchManifest(hash_, out_), 8U);
  Put(hash_, "123456789");
  EXPECT_EQ(cloud_.FetchManifest(hash_, out_).error().code, Code::kManifestTooLarge);
}

TEST_F(PartsCloudTest, Layer_IsReadFromAnywhereAndEnds) {
  EXPECT_EQ(cloud_.FetchLayer(hash_, 0, 0, out_).error().code, Code::kNotFound);
  Put(hash_, "0123456789");
  EXPECT_EQ(*cloud_.FetchLayer(hash_, 0, 10, out_), 8U);
  EXPECT_EQ(*cloud_.FetchLayer(hash_, 8, 10, out_), 2U);
  EXPECT_EQ(out_[1], '9');
  EXPECT_EQ(cloud_.FetchLayer(hash_, 10, 10, out_).error().code, Code::kLayerTooShort);
}

TEST_F(PartsCloudTest, Receipts_WaitForTheTrueCloud) {
  EXPECT_EQ(cloud_.SendReceipt({}).error().code, Code::kCloudUnreachable);
  EXPECT_TRUE(cloud_.SendReport({}).ok());
}

}  // namespace
}  // namespace strata::device
