// SPDX-License-Identifier: Apache-2.0
#include "fleet_conf.hpp"

#include <string>

#include <gtest/gtest.h>

namespace strata::device {
namespace {

const std::string kFleet = "fleet_id=00112233445566778899aabbccddeeff\n";
const std::string kHash = "last_hash=" + std::string(62, '0') + "ab\n";
const std::string kZeros = "last_hash=" + std::string(64, '0') + "\n";

TEST(FleetConf, WhatProvisionWrites_IsRead) {
  const auto first = ParseFleetConf(kFleet + "sequence=0\n" + kZeros);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->fleet[1], 0x11);
  EXPECT_EQ(first->sequence, 0U);
  const auto later = ParseFleetConf(kFleet + "sequence=12\n" + kHash);
  ASSERT_TRUE(later.ok());
  EXPECT_EQ(later->sequence, 12U);
  EXPECT_EQ(later->last_hash.bytes[31], 0xAB);
}

TEST(FleetConf, AnythingElse_IsMalformed) {
  for (const std::string& text : {std::string(),
                                  kFleet,
                                  kFleet + "sequence=0\n",
                                  kFleet + "sequence=0\n" + kHash,
                                  kFleet + "sequence=1\n" + kZeros,
                                  kFleet + "sequence=\n" + kZeros,
                                  kFleet + "sequence=-1\n" + kHash,
                                  kFleet + "sequence=01\n" + kHash,
                                  kFleet + "sequence=4294967296\n" + kHash,
                                  kFleet + kFleet + "sequence=1\n" + kHash,
                                  kFleet + "sequence=1\nother=1\n" + kHash,
                                  kFleet + "sequence=1\n" + kHash.substr(0, kHash.size() - 1),
                                  "fleet_id=00\nsequence=1\n" + kHash,
                                  "fleet_id=" + std::string(32, '0') + "\nsequence=1\n" + kHash}) {
    const auto parsed = ParseFleetConf(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.failure().error.code, Code::kMalformed);
  }
}

}  // namespace
}  // namespace strata::device
