// SPDX-License-Identifier: Apache-2.0
#include "doctor/doctor.hpp"

#include <gmock/gmock.h>

#include "support/key_files.hpp"
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DoctorTest : public TestBed {
 protected:
  DoctorTest() {
    wall_ = std::chrono::system_clock::from_time_t(1'800'000'000);
    health_.server_time = Now();
    health_.certificate_end = Now() + 90 * 86400;
    cloud_.handler = [this](const HttpRequest& request) -> Expected<HttpResponse> {
      if (request.path == "/healthz") {
        return health_;
      }
      return request.path.starts_with("/v1/Keys/") ? key_ : apps_;
    };
  }

  void SignIn() {
    const auto store = ProfileStore::Open(Environment(env_));
    ASSERT_TRUE(store.value().Prepare().ok());
    const std::filesystem::path key = store.value().SigningKeyFile("default");
    ASSERT_TRUE(GenerateKeyFiles(key, Overwrite::kReplace).ok());
    ASSERT_TRUE(store.value()
                    .Save({.name = "default",
                           .url = "https://cloud.example:8443",
                           .account_sid = "AC1",
                           .auth_token = "the-token",
                           .ca_file = {},
                           .signing_key_file = key.string()},
                          {})
                    .ok());
  }

  [[nodiscard]] std::int64_t Now() const { return std::chrono::system_clock::to_time_t(wall_); }

  int Doctor() {
    const int code = Run({"doctor", "-o", "tsv", "--no-header"});
    EXPECT_THAT(out_, Not(HasSubstr("the-token")));
    return code;
  }

  HttpResponse health_{200, R"({"status":"ok"})"};
  HttpResponse apps_{200, R"({"apps":[]})"};
  HttpResponse key_{200, R"({"revoked":false})"};
};

TEST_F(DoctorTest, AllWell_HasNoProblemAndNoWarning) {
  SignIn();
  EXPECT_EQ(Doctor(), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("cloud\tok"));
  EXPECT_THAT(out_, HasSubstr("clock\tok"));
  EXPECT_THAT(out_, HasSubstr("certificate\tok"));
  EXPECT_THAT(out_, HasSubstr("credentials\tok"));
  EXPECT_THAT(out_, HasSubstr("is registered"));
  EXPECT_THAT(out_, Not(HasSubstr("\tproblem")));
  EXPECT_THAT(out_, Not(HasSubstr("\twarning"))) << out_;
}

TEST_F(DoctorTest, NotSignedIn_NamesLogin) {
  EXPECT_EQ(Doctor(), 10);
  EXPECT_THAT(out_, HasSubstr("sign-in\tproblem"));
  EXPECT_THAT(out_, HasSubstr("strata login"));
}

TEST_F(DoctorTest, ProfileThatOthersCanRead_IsAProblem) {
  SignIn();
  ASSERT_EQ(::chmod((dir_ / "config/profiles/default.json").c_str(), 0644), 0);
  EXPECT_EQ(Doctor(), 11);
  EXPECT_THAT(out_, HasSubstr("chmod 600"));
}

TEST_F(DoctorTest, SigningKeyThatOthersCanRead_IsAProblem) {
  SignIn();
  ASSERT_EQ(::chmod((dir_ / "config/keys/default.pem").c_str(), 0644), 0);
  EXPECT_EQ(Doctor(), 11);
  EXPECT_THAT(out_, HasSubstr("signing-key\tproblem"));
}

TEST_F(DoctorTest, SigningKeyIsGone_IsAProblem) {
  SignIn();
  std::filesystem::remove(dir_ / "config/keys/default.pem");
  EXPECT_EQ(Doctor(), 10);
  EXPECT_THAT(out_, HasSubstr("signing-key\tproblem"));
}

TEST_F(DoctorTest, UnregisteredOrRevokedKey_IsAWarning) {
  SignIn();
  key_ = {404, R"({"code":20404,"message":"no","status":404})"};
  EXPECT_EQ(Doctor(), 0);
  EXPECT_THAT(out_, HasSubstr("strata keys register"));
  key_ = {200, R"({"revoked":true})"};
  EXPECT_EQ(Doctor(), 0);
  EXPECT_THAT(out_, HasSubstr("was revoked"));
}

TEST_F(DoctorTest, ClockApart_IsAWarningWithItsSide) {
  SignIn();
  health_.server_time = Now() - 600;
  EXPECT_EQ(Doctor(), 0);
  EXPECT_THAT(out_, HasSubstr("600 s ahead of"));
  health_.server_time = Now() + 600;
  EXPECT_EQ(Doctor(), 0);
  EXPECT_THAT(out_, HasSubstr("600 s behind"));
}

TEST_F(DoctorTest, CertificateThatEndsSoon_IsAWarning) {
  SignIn();
  health_.certificate_end = Now() + 5 * 86400;
  EXPECT_EQ(Doctor(), 0);
  EXPECT_THAT(out_, HasSubstr("certificate\twarning"));
}

TEST_F(DoctorTest, WrongToken_NamesHowToGetAnother) {
  SignIn();
  apps_ = {401, R"({"code":20003,"message":"Authenticate","status":401})"};
  EXPECT_EQ(Doctor(), 20);
  EXPECT_THAT(out_, HasSubstr("reset-token"));
}

TEST_F(DoctorTest, AnotherServer_IsToldApart) {
  SignIn();
  health_ = {200, "<html>"};
  EXPECT_EQ(Doctor(), 60);
  EXPECT_THAT(out_, HasSubstr("no Strata cloud"));
}

TEST_F(DoctorTest, CloudThatIsIll_IsAProblem) {
  SignIn();
  health_ = {503,
             R"({"status":"blobs: can't be read","code":20503,"message":"blobs","status":503})"};
  EXPECT_EQ(Doctor(), 20);
}

TEST_F(DoctorTest, DevicesUrl_IsToldApart) {
  SignIn();
  health_ = {401, R"({"code":20003,"message":"this address is for devices","status":401})"};
  EXPECT_EQ(Doctor(), 20);
  EXPECT_THAT(out_, HasSubstr("is the devices' URL; use the first one that strata-cloud serve"));
}

TEST_F(DoctorTest, UrlWhereCertificatesAreRequired_IsToldApart) {
  SignIn();
  cloud_.handler = [](const HttpRequest&) -> Expected<HttpResponse> {
    return Local(Code::kCloudUnreachable, "OpenSSL: tlsv13 alert certificate required");
  };
  EXPECT_EQ(Doctor(), 60);
  EXPECT_THAT(out_, HasSubstr("perhaps the devices' URL"));
}

TEST_F(DoctorTest, CaFileThatIsNone_IsAProblem) {
  SignInByEnvironment();
  env_["STRATA_CA_FILE"] = Write("ca.pem", "nothing");
  EXPECT_EQ(Doctor(), 10);
  EXPECT_THAT(out_, HasSubstr("ca\tproblem"));
  EXPECT_THAT(out_, HasSubstr("takes the place"));
}

TEST_F(DoctorTest, VariablesOfTheOriginalAlone_AreNotUsed) {
  SignIn();
  env_["TWILIO_AUTH_TOKEN"] = "real-secret";
  EXPECT_EQ(Doctor(), 0);
  EXPECT_THAT(out_, HasSubstr("variables\twarning"));
  EXPECT_THAT(out_ + err_, Not(HasSubstr("real-secret")));
}

}  // namespace
}  // namespace strata::cli
