// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "devices/certify_test.hpp"
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr const char* kToken =
    "ET00112233445566778899aabbccddeeff.0123456789abcdef0123456789abcdef";
constexpr const char* kAnswer =
    R"({"enrolment_tokens":[{"sid":"ET00112233445566778899aabbccddeeff","token":)"
    R"("ET00112233445566778899aabbccddeeff.0123456789abcdef0123456789abcdef",)"
    R"("date_expires":"2026-12-01T00:00:00Z"}],)"
    R"("device_url":"https://cloud.example:8444","ca_certificate":"CA\n"})";

class EnrolmentTokens : public TestBed {
 protected:
  EnrolmentTokens() { SignInByEnvironment(); }
};

TEST_F(EnrolmentTokens, Create_ShowsTheTokensAndSendsWhatWasAskedFor) {
  cloud_.Answer(201, kAnswer);
  ASSERT_EQ(Run({"devices",
                 "enrolment-tokens",
                 "create",
                 "--count",
                 "3",
                 "--valid",
                 "24h",
                 "--tag",
                 "a",
                 "--tag",
                 "b"}),
            0)
      << err_;
  EXPECT_EQ(cloud_.requests[0].path, "/v1/EnrolmentTokens");
  EXPECT_THAT(cloud_.requests[0].form,
              ElementsAre(Pair("Count", "3"),
                          Pair("ValidSeconds", "86400"),
                          Pair("Hardware", "stm32u585"),
                          Pair("Tags", "a,b")));
  EXPECT_THAT(out_, HasSubstr(kToken));
  EXPECT_THAT(err_, HasSubstr("https://cloud.example:8444"));
}

TEST_F(EnrolmentTokens, Create_IntoADirectory_ShowsNoTokenAndKeepsThemForTheOwner) {
  cloud_.Answer(201, kAnswer);
  ASSERT_EQ(Run({"devices", "enrolment-tokens", "create", "--out", Path("tokens")}), 0) << err_;
  const auto file = dir_ / "tokens/ET00112233445566778899aabbccddeeff.token";
  EXPECT_EQ(Read(file), std::string(kToken) + "\n");
  EXPECT_EQ(ModeOf(file), 0600U);
  EXPECT_EQ(Read(dir_ / "tokens/ca.pem"), "CA\n");
  EXPECT_THAT(out_ + err_, Not(HasSubstr("0123456789abcdef0123456789abcdef")));
}

TEST_F(EnrolmentTokens, Create_ThatCannotKeepThem_RevokesThem) {
  cloud_.Answer(201, kAnswer);
  cloud_.Answer(204, "");
  EXPECT_NE(Run({"devices", "enrolment-tokens", "create", "--out", Write("file", "") + "/x"}), 0);
  ASSERT_EQ(cloud_.requests.size(), 2U);
  EXPECT_EQ(cloud_.requests[1].method, "DELETE");
  EXPECT_EQ(cloud_.requests[1].path, "/v1/EnrolmentTokens/ET00112233445566778899aabbccddeeff");
}

TEST_F(EnrolmentTokens, Create_OfAnAnswerWithAPathForASid_WritesNothing) {
  std::string evil = kAnswer;
  evil.replace(evil.find("ET0011"), 6, "../../");
  cloud_.Answer(201, evil);
  EXPECT_NE(Run({"devices", "enrolment-tokens", "create", "--out", Path("tokens")}), 0);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "tokens"));
}

TEST_F(EnrolmentTokens, ListAndRevoke_AskTheCloud) {
  cloud_.Answer(200, R"({"enrolment_tokens":[{"sid":"ET1","device_sid":null}],"meta":{}})");
  ASSERT_EQ(Run({"devices", "enrolment-tokens", "list"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("ET1"));
  cloud_.Answer(204, "");
  ASSERT_EQ(Run({"devices", "enrolment-tokens", "revoke", "--sid", "ET1"}), 0);
  EXPECT_EQ(cloud_.requests.back().path, "/v1/EnrolmentTokens/ET1");
}

/// At a station: nobody is signed in.
class Station : public TestBed {
 protected:
  Station() {
    cloud_.handler = [](const HttpRequest& request) -> Expected<HttpResponse> {
      const std::string certificate = Escaped(Certify(FormValue(request, "Csr")));
      return HttpResponse{201,
                          R"({"sid":"UV00112233445566778899aabbccddeeff","account_sid":")"
                          R"(AC00112233445566778899aabbccddeeff","unique_name":"board",)"
                          R"("certificate":")" +
                              certificate + R"(","ca_certificate":")" + certificate +
                              R"(","device_url":"https://cloud.example:8444"})"};
    };
    EXPECT_EQ(Run({"keys", "generate", "signing", "--out", Path("s.pem")}), 0);
  }

  std::vector<std::string> Words(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"devices",
                                      "provision",
                                      "--out",
                                      Path("dev"),
                                      "--signer",
                                      Path("s.pem.pub"),
                                      "--enrolment-token-file",
                                      Path("token"),
                                      "--device-url",
                                      "https://cloud.example:8444",
                                      "--ca-cert",
                                      "ca.pem"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(Station, Provision_WithAToken_NeedsNoCredentials) {
  static_cast<void>(Write("token", std::string(kToken) + "\n"));
  ASSERT_EQ(Run(Words({"--unique-name", "board"})), 0) << err_;
  ASSERT_EQ(cloud_.connections.size(), 1U);
  EXPECT_EQ(cloud_.connections[0].url, "https://cloud.example:8444");
  EXPECT_EQ(cloud_.connections[0].user, "");
  EXPECT_EQ(cloud_.connections[0].ca_file, "ca.pem");
  const HttpRequest& request = cloud_.requests.at(0);
  EXPECT_EQ(request.path, "/device/v1/enrolment");
  EXPECT_THAT(request.headers, ElementsAre(Pair("Authorization", std::string("Bearer ") + kToken)));
  EXPECT_EQ(FormValue(request, "Hardware"), "stm32u585");
  EXPECT_EQ(FormValue(request, "UniqueName"), "board");
  EXPECT_TRUE(std::filesystem::exists(dir_ / "dev/identity.crt"));
  EXPECT_THAT(out_ + err_, Not(HasSubstr(kToken)));
}

TEST_F(Station, Provision_WithAFileThatHoldsNoToken_AsksNobodyAndShowsNothingOfIt) {
  for (const char* text : {"", "hello\r\nX: y", "ET1 2", "AC00.x"}) {
    static_cast<void>(Write("token", text));
    EXPECT_NE(Run(Words()), 0) << text;
    EXPECT_THAT(err_, Not(HasSubstr("hello")));
  }
  EXPECT_TRUE(cloud_.requests.empty());
  EXPECT_FALSE(std::filesystem::exists(dir_ / "dev"));
}

TEST_F(Station, Provision_WithATokenAndWhatItDecides_IsAUsageError) {
  static_cast<void>(Write("token", kToken));
  EXPECT_EQ(Run(Words({"--tag", "x"})), 1);
  EXPECT_EQ(Run(Words({"--development"})), 1);
  EXPECT_EQ(Run({"devices", "provision", "--out", "x", "--device-url", "https://x"}), 1);
}

TEST_F(Station, Provision_RefusedToken_LeavesNothingBehind) {
  static_cast<void>(Write("token", kToken));
  cloud_.handler = nullptr;
  cloud_.Answer(403, R"({"code":65022,"message":"the enrolment token was used","status":403})");
  EXPECT_EQ(Run(Words()), 65);
  EXPECT_THAT(Names(), ElementsAre("s.pem", "s.pem.pub", "token"));
}

}  // namespace
}  // namespace strata::cli
