// SPDX-License-Identifier: Apache-2.0
/// Shared by the tests of this folder.
#pragma once

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "strata/core/hex.hpp"
#include "strata/platform/psa/psa_crypto.hpp"

namespace strata::platform {

using Bytes = std::vector<std::uint8_t>;

inline Bytes Hex(std::string_view text) {
  Bytes out(text.size() / 2);
  EXPECT_TRUE(FromHex(text, out)) << text;
  return out;
}

template <typename Array>
Array HexArray(std::string_view text) {
  Array out{};
  EXPECT_TRUE(FromHex(text, out)) << text;
  return out;
}

using Scalar = std::array<std::uint8_t, kPrivateKeyBytes>;

// RFC 6979 A.2.5.
inline Scalar KnownScalar() {
  return HexArray<Scalar>("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
}

inline PublicKey KnownPublicKey() {
  return HexArray<PublicKey>(
      "04"
      "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
}

// Over "sample", with SHA-256.
inline Signature KnownSignature() {
  return HexArray<Signature>(
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
}

inline Scalar GroupOrder() {
  return HexArray<Scalar>("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
}

class PsaTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(PsaCrypto::Init().ok()); }

  PsaCrypto crypto_;
};

}  // namespace strata::platform
