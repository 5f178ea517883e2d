// SPDX-License-Identifier: Apache-2.0
#include "pem_keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "strata/platform/psa/psa_crypto.hpp"

#include "credentials_for_test.hpp"

namespace strata::device {
namespace {

class PemKeysTest : public ::testing::Test {
 protected:
  PemKeysTest() { MakeKey(dir_, "key"); }

  [[nodiscard]] std::filesystem::path File(const std::string& name) const {
    return dir_.path() / name;
  }

  Code PrivateError(const std::string& name) {
    PrivateKey key{};
    const auto read = ReadPrivateKeyPem(File(name), key);
    return read.ok() ? Code::kOk : read.failure().error.code;
  }

  Code PublicError(const std::string& name) {
    const auto read = ReadPublicKeyPem(File(name));
    return read.ok() ? Code::kOk : read.failure().error.code;
  }

  TempDir dir_;
};

TEST_F(PemKeysTest, Read_OfBothHalves_Agrees) {
  PrivateKey key{};
  const auto own = ReadPrivateKeyPem(File("key.pem"), key);
  ASSERT_TRUE(own.ok());
  const auto published = ReadPublicKeyPem(File("key.pub"));
  ASSERT_TRUE(published.ok());
  EXPECT_EQ(*own, *published);
  ASSERT_TRUE(platform::PsaCrypto::Init().ok());
  PublicKey computed{};
  ASSERT_TRUE(platform::PsaCrypto().PublicOf(key, computed).ok());
  EXPECT_EQ(*own, computed);
}

TEST_F(PemKeysTest, ReadPrivate_OfFileOpenToOthers_IsRefusedWithTheCommandToRun) {
  ASSERT_EQ(::chmod(File("key.pem").c_str(), 0640), 0);
  PrivateKey key{};
  const auto read = ReadPrivateKeyPem(File("key.pem"), key);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.failure().error.code, Code::kPermission);
  EXPECT_NE(read.failure().message.find("chmod 600"), std::string::npos);
}

TEST_F(PemKeysTest, Read_OfOtherKinds_IsRefused) {
  OpenSsl(dir_, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem");
  OpenSsl(dir_, "pkey -in p384.pem -pubout -out p384.pub");
  OpenSsl(dir_, "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem");
  OpenSsl(dir_, "pkey -in key.pem -aes128 -passout pass:x -out locked.pem");
  dir_.Write("empty.pem", "");
  dir_.Write("noise.pem", std::string(500, '\xff'));
  ::chmod(File("empty.pem").c_str(), 0600);
  ::chmod(File("noise.pem").c_str(), 0600);
  for (const char* name :
       {"p384.pem", "rsa.pem", "locked.pem", "empty.pem", "noise.pem", "key.pub"}) {
    EXPECT_EQ(PrivateError(name), Code::kKeyInvalid) << name;
  }
  for (const char* name : {"p384.pub", "key.pem", "empty.pem", "noise.pem"}) {
    EXPECT_EQ(PublicError(name), Code::kKeyInvalid) << name;
  }
  EXPECT_EQ(PrivateError("missing.pem"), Code::kNotFound);
  EXPECT_EQ(PublicError("missing.pub"), Code::kNotFound);
}

TEST_F(PemKeysTest, ReadCertificate_OfExactlyOne_GivesItsKey) {
  MakeAuthority(dir_, "ca");
  const auto certified = ReadCertificateKeyPem(File("ca.crt"));
  ASSERT_TRUE(certified.ok());
  EXPECT_EQ(*certified, *ReadPublicKeyPem(File("ca.pub")));
  dir_.Write("two.crt", dir_.Read("ca.crt") + dir_.Read("ca.crt"));
  EXPECT_FALSE(ReadCertificateKeyPem(File("two.crt")).ok());
  EXPECT_FALSE(ReadCertificateKeyPem(File("ca.pub")).ok());
}

}  // namespace
}  // namespace strata::device
