// SPDX-License-Identifier: Apache-2.0
#include "support/profiles.hpp"

#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;

class Profiles : public TestBed {
 protected:
  void Save(const std::string& name) {
    const ProfileStore store(dir_ / "config");
    ASSERT_TRUE(store
                    .Save({.name = name,
                           .url = "https://" + name + ".example",
                           .account_sid = "AC" + name,
                           .auth_token = "token-" + name,
                           .ca_file = "",
                           .signing_key_file = ""},
                          "ca of " + name)
                    .ok());
  }

  Expected<Connection> Choose(const std::string& profile = {}) {
    return ChooseConnection(Environment(env_), profile);
  }
};

TEST_F(Profiles, Save_FilesAreForTheOwnerOnly) {
  Save("default");
  EXPECT_EQ(ModeOf(dir_ / "config"), 0700U);
  EXPECT_EQ(ModeOf(dir_ / "config" / "profiles"), 0700U);
  EXPECT_EQ(ModeOf(dir_ / "config" / "keys"), 0700U);
  EXPECT_EQ(ModeOf(dir_ / "config" / "config.json"), 0600U);
  EXPECT_EQ(ModeOf(dir_ / "config" / "profiles" / "default.json"), 0600U);
}

TEST_F(Profiles, Choose_NothingConfigured_NamesLogin) {
  const auto connection = Choose();
  ASSERT_FALSE(connection.ok());
  EXPECT_THAT(connection.error().next_step, HasSubstr("strata login"));
}

TEST_F(Profiles, Choose_ActiveProfile_IsTheLastOneSaved) {
  Save("one");
  Save("two");
  const auto connection = Choose();
  ASSERT_TRUE(connection.ok());
  EXPECT_EQ(connection.value().url, "https://two.example");
  EXPECT_EQ(connection.value().password, "token-two");
  EXPECT_EQ(Read(connection.value().ca_file), "ca of two");
}

TEST_F(Profiles, Choose_TellsWhichProfileOrVariables) {
  Save("one");
  Save("two");
  EXPECT_EQ(Choose().value().profile, "two");
  EXPECT_EQ(Choose("one").value().profile, "one");
  env_["STRATA_API_KEY"] = "SK1";
  env_["STRATA_API_SECRET"] = "s";
  EXPECT_EQ(Choose().value().profile, "two, but ${STRATA_API_KEY}/${STRATA_API_SECRET}");
  env_["STRATA_URL"] = "https://cloud.example";
  EXPECT_EQ(Choose().value().profile, "${STRATA_API_KEY}/${STRATA_API_SECRET}");
}

TEST_F(Profiles, Choose_ByName_WinsOverTheEnvironment) {
  Save("one");
  Save("two");
  SignInByEnvironment();
  EXPECT_EQ(Choose("one").value().user, "ACone");
}

TEST_F(Profiles, Choose_StrataVariables_WinOverTwiliosAndTheProfile) {
  Save("one");
  SignInByEnvironment();
  env_["TWILIO_ACCOUNT_SID"] = "ACtwilio";
  env_["TWILIO_AUTH_TOKEN"] = "real";
  EXPECT_EQ(Choose().value().password, "token-of-the-environment");
}

TEST_F(Profiles, Choose_TwilioVariablesWithStrataUrl_AreUsed) {
  env_["STRATA_URL"] = "https://cloud.example";
  env_["STRATA_CA_FILE"] = "/ca.pem";
  env_["TWILIO_ACCOUNT_SID"] = "ACtwilio";
  env_["TWILIO_AUTH_TOKEN"] = "real";
  EXPECT_EQ(Choose().value().user, "ACtwilio");
  EXPECT_EQ(Choose().value().ca_file, "/ca.pem");
}

TEST_F(Profiles, Choose_TwilioVariablesWithoutStrataUrl_NeverLeaveThisMachine) {
  Save("one");
  env_["TWILIO_ACCOUNT_SID"] = "ACtwilio";
  env_["TWILIO_AUTH_TOKEN"] = "real";
  EXPECT_EQ(Choose().value().password, "token-one");
}

TEST_F(Profiles, Choose_ApiKeyPair_WinsOverTheToken) {
  SignInByEnvironment();
  env_["STRATA_API_KEY"] = "SK1";
  env_["STRATA_API_SECRET"] = "s";
  EXPECT_EQ(Choose().value().user, "SK1");
}

TEST_F(Profiles, Choose_TokenWithoutSid_IsRefused) {
  env_["STRATA_URL"] = "https://cloud.example";
  env_["STRATA_AUTH_TOKEN"] = "t";
  EXPECT_EQ(Choose().error().code, 100);
}

TEST_F(Profiles, Choose_HalfOfWhatBelongsTogether_NeverFallsBackToTheProfile) {
  Save("one");
  const auto nothing = env_;
  for (const char* half :
       {"STRATA_API_KEY", "STRATA_API_SECRET", "STRATA_ACCOUNT_SID", "STRATA_AUTH_TOKEN"}) {
    env_ = nothing;
    env_[half] = "x";
    const auto connection = Choose();
    ASSERT_FALSE(connection.ok()) << half;
    EXPECT_THAT(connection.error().message, HasSubstr(std::string(half) + " is set without "));
    EXPECT_TRUE(Choose("one").ok()) << half;
  }
  SignInByEnvironment();
  env_["STRATA_API_KEY"] = "SK1";
  env_["STRATA_API_SECRET"] = "";  // what a build server sets for a secret that it does not have
  EXPECT_FALSE(Choose().ok());
}

TEST_F(Profiles, Choose_UrlAlone_NeverMeansTheProfilesCloud) {
  Save("one");
  env_["STRATA_URL"] = "https://staging.example";
  const auto connection = Choose();
  ASSERT_FALSE(connection.ok());
  EXPECT_THAT(connection.error().message, HasSubstr("STRATA_URL is set without"));
  EXPECT_EQ(Choose("one").value().url, "https://one.example");
}

TEST_F(Profiles, Choose_OriginalsVariables_HalfAKeyIsPassedOver) {
  env_["STRATA_URL"] = "https://cloud.example";
  env_["TWILIO_API_KEY"] = "SK1";
  env_["TWILIO_ACCOUNT_SID"] = "ACtwilio";
  env_["TWILIO_AUTH_TOKEN"] = "real";
  EXPECT_EQ(Choose().value().user, "ACtwilio");
}

TEST_F(Profiles, Load_FileThatOthersCanRead_IsRefused) {
  Save("one");
  ::chmod((dir_ / "config" / "profiles" / "one.json").c_str(), 0644);
  EXPECT_EQ(Choose().error().code, 110);
}

TEST_F(Profiles, Load_BrokenFile_IsMalformed) {
  Save("one");
  std::ofstream(dir_ / "config" / "profiles" / "one.json") << "{";
  EXPECT_EQ(Choose().error().code, 109);
}

TEST_F(Profiles, Name_ThatIsAPath_IsRefused) {
  for (const char* name : {"../x", "a/b", ".hidden", "", "a b"}) {
    EXPECT_FALSE(CheckProfileName(name).ok()) << name;
  }
  EXPECT_TRUE(CheckProfileName("my-cloud_1.test").ok());
}

}  // namespace
}  // namespace strata::cli
