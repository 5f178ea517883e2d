// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;

class Program : public TestBed {};

TEST_F(Program, Version_IsPrinted) {
  EXPECT_EQ(Run({"--version"}), 0);
  EXPECT_THAT(out_, testing::StartsWith("strata "));
}

TEST_F(Program, EveryVerb_HasHelpWithAnExample) {
  for (const auto& verb :
       std::vector<std::vector<std::string>>{{"login"},
                                             {"keys", "generate"},
                                             {"keys", "register"},
                                             {"keys", "list"},
                                             {"bundle", "create"},
                                             {"bundle", "inspect"},
                                             {"bundle", "verify"},
                                             {"bundle", "sign"},
                                             {"apps", "create"},
                                             {"apps", "list"},
                                             {"apps", "fetch"},
                                             {"apps", "remove"},
                                             {"apps", "manifest"},
                                             {"devices", "provision"},
                                             {"devices", "list"},
                                             {"devices", "fetch"},
                                             {"devices", "update"},
                                             {"configs", "create"},
                                             {"configs", "list"},
                                             {"configs", "fetch"},
                                             {"configs", "update"},
                                             {"configs", "remove"},
                                             {"secrets", "create"},
                                             {"devices", "configs", "list"},
                                             {"api-keys", "create"},
                                             {"api-keys", "list"},
                                             {"api-keys", "revoke"},
                                             {"audit", "export"},
                                             {"audit", "list"},
                                             {"audit", "verify"},
                                             {"accounts", "fetch"},
                                             {"accounts", "update"},
                                             {"devices", "remove"},
                                             {"devices", "updates"},
                                             {"logs", "stream"},
                                             {"webhooks", "create"},
                                             {"webhooks", "dead-letters"},
                                             {"webhooks", "list"},
                                             {"webhooks", "remove"},
                                             {"webhooks", "resend"},
                                             {"webhooks", "test"},
                                             {"devices", "enrolment-tokens", "create"},
                                             {"apps", "prune"},
                                             {"deploy"},
                                             {"debug", "generate_keypair"},
                                             {"devices", "secrets", "update"}}) {
    std::vector<std::string> arguments = verb;
    arguments.emplace_back("--help");
    EXPECT_EQ(Run(arguments), 0);
    EXPECT_THAT(out_, HasSubstr("Example:\n  strata " + verb.front()));
    EXPECT_THAT(out_, HasSubstr("--output"));
    std::string words = "strata";
    for (const std::string& word : verb) {
      words += " " + word;
    }
    arguments.back() = "--no-such-option";
    EXPECT_EQ(Run(arguments), 1);
    EXPECT_THAT(err_, HasSubstr("; usage: " + words + " "));
    EXPECT_THAT(err_, HasSubstr(" [OPTIONS]; see " + words + " --help"));
  }
}

TEST_F(Program, WrongCommandLine_ShowsTheFormThatIsMeant) {
  EXPECT_EQ(Run({"webhooks", "create", "--url", "https://x.test"}), 1);
  EXPECT_THAT(err_, HasSubstr("usage: strata webhooks create URL [OPTIONS]"));
  EXPECT_EQ(Run({"audit", "export", "--out", "x"}), 1);
  EXPECT_THAT(err_, HasSubstr("usage: strata audit export FILE [OPTIONS]"));
  EXPECT_EQ(Run({"devices", "provision"}), 1);
  EXPECT_THAT(err_, HasSubstr("usage: strata devices provision --out VALUE [OPTIONS]"));
  EXPECT_EQ(Run({"devices", "fetch", "--bogus"}), 1);
  EXPECT_THAT(err_, HasSubstr("usage: strata devices fetch [SID] [OPTIONS]"));
  EXPECT_EQ(Run({"webhooks", "send"}), 1);
  EXPECT_THAT(err_, HasSubstr("usage: strata webhooks create|list|"));
}

TEST_F(Program, HelpExitCodes_ExplainsThem) {
  EXPECT_EQ(Run({"help", "exit-codes"}), 0);
  EXPECT_THAT(out_, HasSubstr("first two digits"));
  EXPECT_THAT(out_, HasSubstr("10, 11 general"));
}

TEST_F(Program, HelpForAVerb_IsItsOwnHelp) {
  EXPECT_EQ(Run({"help", "bundle", "create"}), 0);
  EXPECT_THAT(out_, HasSubstr("--encrypt-with"));
}

TEST_F(Program, UnknownVerbOptionOrNothing_IsExitCode1WithAHint) {
  EXPECT_EQ(Run({"apps", "explode"}), 1);
  EXPECT_THAT(err_, HasSubstr("strata apps --help"));
  EXPECT_EQ(Run({"apps", "list", "--bogus"}), 1);
  EXPECT_THAT(err_, HasSubstr("strata apps list --help"));
  EXPECT_EQ(Run({}), 1);
  EXPECT_EQ(Run({"apps", "list", "-o", "xml"}), 1);
}

TEST_F(Program, NotSignedIn_SaysHow) {
  EXPECT_EQ(Run({"apps", "list"}), 10);
  EXPECT_THAT(err_,
              HasSubstr("error 103 NotFound: you are not signed in. Next step: run strata login"));
}

TEST_F(Program, ErrorsAsJson_AreAnArrayOnStdoutAndNothingElse) {
  EXPECT_EQ(Run({"apps", "list", "-o", "json"}), 10);
  EXPECT_THAT(out_,
              testing::StartsWith("[\n  {\n    \"code\": 103,\n    \"name\": \"NotFound\",\n"
                                  "    \"message\": \"you are not signed in\",\n"
                                  "    \"next_step\": \""));
  EXPECT_THAT(out_, testing::EndsWith("\"\n  }\n]\n"));
  EXPECT_EQ(err_, "");
  for (const char* option : {"-o=json", "--output=json", "--cli-output-format=json"}) {
    EXPECT_EQ(Run({"apps", "list", option, "--bogus"}), 1) << option;
    EXPECT_THAT(out_, HasSubstr("\"code\": 100,\n    \"name\": \"InvalidArgument\"")) << option;
    EXPECT_EQ(err_, "");
  }
  EXPECT_EQ(Run({"devices", "update", "--target-app", "v1", "-o", "json"}), 1);
  EXPECT_THAT(out_, HasSubstr("\"code\": 100,"));
}

}  // namespace
}  // namespace strata::cli
