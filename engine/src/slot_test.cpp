// SPDX-License-Identifier: Apache-2.0
#include "slot.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "strata/platform/psa/psa_crypto.hpp"
#include "strata/sim/scenario.hpp"

#include "digest_of.hpp"

namespace strata::engine {
namespace {

class SlotTest : public ::testing::TestWithParam<const char*> {
 protected:
  SlotTest() : profile_(*sim::FindSimProfile(GetParam())), flash_("external", Geometry(), power_) {
    EXPECT_TRUE(platform::PsaCrypto::Init().ok());
    seed_.fill(0x5E);
  }

  ports::FlashGeometry Geometry() const {
    return {profile_.external_bytes,
            profile_.external_program_unit_bytes,
            profile_.external_erase_unit_bytes};
  }

  static ChunkPlace Place(std::uint32_t index) {
    return {.slot = 1,
            .layer = 3,
            .attempt = 2,
            .index = index,
            .layer_start = 64 * 1024,
            .last = false};
  }

  Code ReadBack(const ChunkPlace& place, std::uint32_t size) {
    return store_.ReadChunk(seed_, place, size, chunk_).error().code;
  }

  Status Write(const ChunkPlace& place, const std::vector<std::uint8_t>& plain) {
    std::copy(plain.begin(), plain.end(), chunk_.begin());
    return store_.WriteChunk(seed_, place, static_cast<std::uint32_t>(plain.size()), chunk_);
  }

  const HardwareProfile& profile_;
  sim::Power power_;
  sim::SimFlash flash_;
  platform::PsaCrypto crypto_;
  SlotStore store_{profile_, flash_, crypto_};
  std::array<std::uint8_t, kSeedBytes> seed_{};
  std::array<std::uint8_t, kSealedChunkBytes> chunk_{};
};

TEST_P(SlotTest, Chunks_OpenOnlyWhereTheyWereSealed) {
  const std::vector<std::uint8_t> first(kChunkBytes, 0xA1);
  const std::vector<std::uint8_t> last(100, 0xB2);
  ChunkPlace end = Place(1);
  end.last = true;
  ASSERT_TRUE(Write(Place(0), first).ok());
  ASSERT_TRUE(Write(end, last).ok());
  ASSERT_EQ(ReadBack(Place(0), kChunkBytes), Code::kOk);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), chunk_.begin()));
  ASSERT_EQ(ReadBack(end, 100), Code::kOk);
  EXPECT_TRUE(std::equal(last.begin(), last.end(), chunk_.begin()));

  ChunkPlace other = Place(0);
  other.attempt = 3;
  EXPECT_EQ(ReadBack(other, kChunkBytes), Code::kStagingCorrupt);
  other = Place(0);
  other.layer = 4;
  EXPECT_EQ(ReadBack(other, kChunkBytes), Code::kStagingCorrupt);
  other = Place(0);
  other.last = true;
  EXPECT_EQ(ReadBack(other, kChunkBytes), Code::kStagingCorrupt);
  seed_[0] ^= 1;
  EXPECT_EQ(ReadBack(Place(0), kChunkBytes), Code::kStagingCorrupt);
}

TEST_P(SlotTest, ChunkMovedToAnotherIndex_DoesNotOpen) {
  const std::vector<std::uint8_t> plain(kChunkBytes, 0xA1);
  ASSERT_TRUE(Write(Place(0), plain).ok());
  ChunkPlace moved = Place(1);
  moved.layer_start -= kSealedChunkBytes;  // the same bytes under another index
  EXPECT_EQ(ReadBack(moved, kChunkBytes), Code::kStagingCorrupt);
}

TEST_P(SlotTest, FlippedBit_DoesNotOpen) {
  const std::vector<std::uint8_t> plain(50, 0xA1);
  ASSERT_TRUE(Write(Place(0), plain).ok());
  flash_.Corrupt(profile_.slot_start_bytes + profile_.slot_bytes + 64 * 1024 + 10, 0x01);
  EXPECT_EQ(ReadBack(Place(0), 50), Code::kStagingCorrupt);
}

TEST_P(SlotTest, Manifest_IsReadOnlyWithItsHash) {
  for (const std::size_t size : {1U, 333U, 4096U}) {
    const std::vector<std::uint8_t> manifest(size, 0x4D);
    const std::array<ByteSpan, 1> parts = {manifest};
    Digest hash = DigestOf(crypto_, parts).value();
    ASSERT_TRUE(store_.WriteManifest(0, manifest).ok());
    std::vector<std::uint8_t> out(size);
    ASSERT_TRUE(store_.ReadManifest(0, hash, out).ok());
    EXPECT_EQ(out, manifest);
    hash.bytes[0] ^= 1;
    EXPECT_EQ(store_.ReadManifest(0, hash, out).error().code, Code::kStagingCorrupt);
  }
}

TEST_P(SlotTest, Layout_FollowsTheSpecifiedFormula) {
  manifest::Layer one;
  one.fetch_bytes = 4080;
  manifest::Layer two;
  two.fetch_bytes = 4081;
  const std::uint32_t unit = profile_.external_erase_unit_bytes;
  const auto up = [unit](std::uint32_t bytes) { return (bytes + unit - 1) / unit * unit; };
  const std::uint32_t needed = up(4096) + up(4096) + up(8192);
  SlotLayout layout(unit, needed);
  EXPECT_EQ(layout.Add(one).value(), up(4096));
  EXPECT_EQ(layout.Add(two).value(), up(4096) + up(4096));
  EXPECT_EQ(layout.used_bytes(), needed);
  SlotLayout smaller(unit, needed - 1);
  EXPECT_TRUE(smaller.Add(one).ok());
  EXPECT_EQ(smaller.Add(two).error().code, Code::kUpdateTooLarge);
}

TEST_P(SlotTest, AbsurdSizes_AreTooLargeNotWrapped) {
  manifest::Layer layer;
  layer.fetch_bytes = 0xFFFFFFFF;
  SlotLayout layout(4096, 0xFFFFFFFF);
  EXPECT_EQ(layout.Add(layer).error().code, Code::kUpdateTooLarge);
  layer = {};
  layer.encrypted_with = KeyId{1};
  layer.placement.size_bytes = 0xFFFFFFFF;
  EXPECT_EQ(FetchLimit(layer), 0xFFFFFFFFU);
}

INSTANTIATE_TEST_SUITE_P(Geometries,
                         SlotTest,
                         ::testing::Values("stm32", "qspi", "small", "big"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace strata::engine
