// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "strata/format/bundle/keys.hpp"

#include "support/profiles.hpp"
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class Login : public TestBed {
 protected:
  std::string EnvFile() {
    (void)Write("ca.pem", "the ca");
    return Write("account.env",
                 "# of strata-cloud\nSTRATA_URL=https://127.0.0.1:8443\n"
                 "STRATA_DEVICE_URL=https://127.0.0.1:8444\nSTRATA_ACCOUNT_SID=AC1\n"
                 "STRATA_AUTH_TOKEN=\"topsecret\"\nSTRATA_CA_FILE=ca.pem\n");
  }

  void Accept() {
    cloud_.Answer(200, R"({"apps":[],"meta":{}})");
    cloud_.Answer(201, R"({"key_id":"00112233aabbccdd"})");
  }

  [[nodiscard]] Expected<Profile> Saved(const std::string& name) const {
    return ProfileStore(dir_ / "config").Load(name);
  }
};

TEST_F(Login, EnvFile_MakesProfileWithRegisteredSigningKey) {
  Accept();
  ASSERT_EQ(Run({"login", "--env", EnvFile()}), 0) << err_;
  const auto profile = Saved("default");
  ASSERT_TRUE(profile.ok());
  EXPECT_EQ(profile.value().url, "https://127.0.0.1:8443");
  EXPECT_EQ(profile.value().auth_token, "topsecret");
  EXPECT_EQ(Read(profile.value().ca_file), "the ca");
  EXPECT_EQ(ModeOf(profile.value().signing_key_file), 0600U);
  const auto key = bundle::PrivateKey::FromPem(Read(profile.value().signing_key_file));
  ASSERT_TRUE(key.ok());
  ASSERT_EQ(cloud_.requests.size(), 2U);
  EXPECT_EQ(cloud_.requests[1].path, "/v1/Keys");
  EXPECT_EQ(cloud_.requests[1].form.at(0).second, *bundle::PublicKeyToPem(key->public_key()));
  EXPECT_THAT(out_ + err_, Not(HasSubstr("topsecret")));
}

TEST_F(Login, Twice_KeepsTheSigningKey) {
  Accept();
  ASSERT_EQ(Run({"login", "--env", EnvFile()}), 0);
  const std::string key = Read(Saved("default").value().signing_key_file);
  Accept();
  ASSERT_EQ(Run({"login", "--env", EnvFile()}), 0);
  EXPECT_EQ(Read(Saved("default").value().signing_key_file), key);
}

TEST_F(Login, WrongCredentials_KeepNothing) {
  cloud_.Answer(401, R"({"code":20003,"message":"Authenticate","status":401})");
  EXPECT_EQ(Run({"login", "--env", EnvFile()}), 20);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "config"));
}

TEST_F(Login, Options_TakeTheTokenFromStandardInput) {
  Accept();
  ASSERT_EQ(
      Run({"login", "--url", "https://c.example", "--account-sid", "AC9", "-p", "work"}, "tok\n"),
      0)
      << err_;
  EXPECT_EQ(Saved("work").value().auth_token, "tok");
  EXPECT_EQ(cloud_.connections.at(0).password, "tok");
}

TEST_F(Login, TokenAsArgument_IsNotAccepted) {
  EXPECT_EQ(Run({"login", "--auth-token", "tok"}), 1);
}

TEST_F(Login, NothingOnStandardInput_IsRefused) {
  EXPECT_EQ(Run({"login", "--url", "https://c.example", "--account-sid", "AC9"}), 10);
  EXPECT_TRUE(cloud_.requests.empty());
}

TEST_F(Login, PlainHttpToAnotherMachine_IsRefusedBeforeTheTokenIsSent) {
  EXPECT_EQ(Run({"login", "--url", "http://c.example", "--account-sid", "AC9"}, "tok\n"), 10);
  EXPECT_TRUE(cloud_.requests.empty());
}

TEST_F(Login, IncompleteEnvFile_IsMalformed) {
  EXPECT_EQ(Run({"login", "--env", Write("account.env", "STRATA_URL=https://c.example\n")}), 10);
  EXPECT_THAT(err_, HasSubstr("109 Malformed"));
}

}  // namespace
}  // namespace strata::cli
