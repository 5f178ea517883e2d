// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "psa_test_util.hpp"

namespace strata::platform {
namespace {

using IdentityTest = PsaTest;
using EntropyTest = PsaTest;

DeviceSid KnownSid() {
  return *DeviceSid::Parse("UV0123456789abcdef0123456789abcdef");
}

TEST_F(IdentityTest, Sign_KnownKeyAndMessage_GivesRfc6979) {
  PsaIdentity identity(KnownSid());
  ASSERT_TRUE(identity.Load(KnownScalar()).ok());
  const std::array<ByteSpan, 2> parts = {AsBytes("sam"), AsBytes("ple")};
  const auto signature = identity.Sign(parts);
  ASSERT_TRUE(signature.ok());
  EXPECT_EQ(*signature, KnownSignature());
  EXPECT_EQ(identity.sid(), KnownSid());
}

TEST_F(IdentityTest, Sign_VerifiesUnderItsOwnKeyOnly) {
  PsaEntropy entropy;
  Scalar scalar{};
  ASSERT_TRUE(entropy.Fill(scalar).ok());
  scalar[0] = 0x01;  // below the group's order
  PsaIdentity identity(KnownSid());
  ASSERT_TRUE(identity.Load(scalar).ok());
  const ByteSpan message = AsBytes("receipt");
  const auto signature = identity.Sign({&message, 1});
  ASSERT_TRUE(signature.ok());
  PublicKey key{};
  ASSERT_TRUE(crypto_.PublicOf(scalar, key).ok());
  EXPECT_TRUE(crypto_.Verify(key, {&message, 1}, *signature).ok());
  EXPECT_EQ(crypto_.Verify(KnownPublicKey(), {&message, 1}, *signature).error().code,
            Code::kSignatureInvalid);
}

TEST_F(IdentityTest, Sign_WithoutAKey_Fails) {
  PsaIdentity identity(KnownSid());
  const ByteSpan message = AsBytes("receipt");
  EXPECT_EQ(identity.Sign({&message, 1}).error().code, Code::kCryptoFailed);
  ASSERT_TRUE(identity.Load(KnownScalar()).ok());
  EXPECT_EQ(identity.Load(Scalar{}).error().code, Code::kKeyInvalid);
  EXPECT_EQ(identity.Sign({&message, 1}).error().code, Code::kCryptoFailed);
}

// The library has room for 32 keys.
TEST_F(IdentityTest, ManyIdentities_LeaveNoKeyBehind) {
  for (int i = 0; i < 40; ++i) {
    PsaIdentity identity(KnownSid());
    ASSERT_TRUE(identity.Load(KnownScalar()).ok());
    ASSERT_TRUE(identity.Load(KnownScalar()).ok());
  }
}

TEST_F(EntropyTest, Fill_TwiceALargeBuffer_DiffersEverywhere) {
  PsaEntropy entropy;
  Bytes first(5000);
  Bytes second(5000);
  ASSERT_TRUE(entropy.Fill(first).ok());
  ASSERT_TRUE(entropy.Fill(second).ok());
  for (std::size_t at = 0; at + 8 <= first.size(); at += 8) {
    EXPECT_FALSE(Equal(ByteSpan(first).subspan(at, 8), ByteSpan(second).subspan(at, 8))) << at;
    EXPECT_FALSE(Equal(ByteSpan(first).subspan(at, 8), Bytes(8, 0))) << at;
  }
  EXPECT_TRUE(entropy.Fill({}).ok());
}

}  // namespace
}  // namespace strata::platform
