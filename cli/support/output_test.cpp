// SPDX-License-Identifier: Apache-2.0
#include "support/output.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "support/progress.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

struct Fixture {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Context context{.in = in,
                  .out = out,
                  .err = err,
                  .env = Environment({}),
                  .make_client = {},
                  .sleep = {},
                  .now = {}};
  Session session{context};
};

JsonObject Device(const std::string& sid, const Json& name) {
  return {{"sid", sid},
          {"unique_name", name},
          {"date_created", "2021-01-01T12:34:56Z"},
          {"app", JsonObject{{"target_sid", nullptr}, {"update_status", "pending"}}}};
}

TEST(WriteResources, Columns_HaveHeadingsAndTwoSpaces) {
  Fixture f;
  WriteResources(f.session, {Device("UV1", "one"), Device("UV22", nullptr)}, "sid,uniqueName");
  EXPECT_EQ(f.out.str(), "SID   Unique Name\nUV1   one\nUV22\n");
}

TEST(WriteResources, NoHeader_LeavesTheHeadingOut) {
  Fixture f;
  f.session.common.no_header = true;
  WriteResources(f.session, {Device("UV1", "one")}, "sid,uniqueName");
  EXPECT_EQ(f.out.str(), "UV1  one\n");
}

TEST(WriteResources, Tsv_HasTabsAndPlainNames) {
  Fixture f;
  f.session.common.format = "tsv";
  f.session.common.properties = "uniqueName, dateCreated";
  WriteResources(f.session, {Device("UV1", "a\tb")}, "sid");
  EXPECT_EQ(f.out.str(), "uniqueName\tdateCreated\na\\tb\t2021-01-01T12:34:56.000Z\n");
}

TEST(TsvCell, TextCanBeHadBack) {
  EXPECT_EQ(TsvCell("a\nb\tc\rd\\n"), "a\\nb\\tc\\rd\\\\n");
  EXPECT_EQ(TsvCell("\x1b[2J\xc2\x9b\x7f"), "\\x1B[2J\\xC2\\x9B\\x7F");
  EXPECT_EQ(TsvCell("gr\xc3\xbc\xc3\x9f \xc2\xb5"), "gr\xc3\xbc\xc3\x9f \xc2\xb5");
}

TEST(WriteResources, UnknownProperties_AreLeftOutWithAWarning) {
  Fixture f;
  f.session.common.properties = "bogus,sid";
  WriteResource(f.session, Device("UV1", "one"), "sid");
  EXPECT_EQ(f.out.str(), "SID\nUV1\n");
  EXPECT_EQ(f.err.str(), "warning: there is no property 'bogus'\n");
}

TEST(WriteResources, Silent_PrintsNothingAtAll) {
  Fixture f;
  f.session.common.silent = true;
  f.session.common.format = "json";
  WriteResource(f.session, Device("UV1", "one"), "sid");
  EXPECT_EQ(WriteProblem(f.session, Local(Code::kIo, "x")), 10);
  EXPECT_EQ(f.out.str() + f.err.str(), "");
}

TEST(WriteResources, Json_IsAnArrayWithCamelCaseOutsideAndSnakeCaseInside) {
  Fixture f;
  f.session.common.format = "json";
  WriteResource(f.session, Device("UV1", nullptr), "sid");
  EXPECT_EQ(f.out.str(),
            "[\n"
            "  {\n"
            "    \"sid\": \"UV1\",\n"
            "    \"uniqueName\": null,\n"
            "    \"dateCreated\": \"2021-01-01T12:34:56.000Z\",\n"
            "    \"app\": {\n"
            "      \"target_sid\": null,\n"
            "      \"update_status\": \"pending\"\n"
            "    }\n"
            "  }\n"
            "]\n");
}

TEST(WriteResources, NothingFound_SaysSoOnStderrOnly) {
  for (const char* format : {"columns", "json", "tsv"}) {
    Fixture f;
    f.session.common.format = format;
    WriteResources(f.session, {}, "sid");
    EXPECT_EQ(f.out.str(), "");
    EXPECT_EQ(f.err.str(), "No results\n");
  }
}

TEST(WriteResources, FormatNone_PrintsNothing) {
  Fixture f;
  f.session.common.format = "none";
  WriteResource(f.session, Device("UV1", "one"), "sid");
  EXPECT_EQ(f.out.str(), "");
}

TEST(WriteResources, MissingField_IsAnEmptyCell) {
  Fixture f;
  WriteResource(f.session, {{"sid", "KA1"}}, "sid,uniqueName");
  EXPECT_EQ(f.out.str(), "SID  Unique Name\nKA1\n");
}

TEST(WriteResources, TerminalEscapesOfAnotherMachine_AreMadeHarmless) {
  Fixture f;
  WriteResource(f.session, {{"sid", "\x1b[2Jx\xc2\x9by"}}, "sid");
  EXPECT_EQ(f.out.str(), "SID\n?[2Jx?y\n");
}

TEST(Heading, CamelCase_IsSplitAndAcronymsRaised) {
  EXPECT_EQ(Heading("uniqueName"), "Unique Name");
  EXPECT_EQ(Heading("accountSid"), "Account SID");
  EXPECT_EQ(Heading("keyId"), "Key ID");
  EXPECT_EQ(Heading("url"), "URL");
}

TEST(WriteProblem, OfTheCloud_HasTheOriginalsFormAndTheFirstTwoDigits) {
  Fixture f;
  const Problem problem = ProblemOfAnswer(
      {404,
       R"({"code":20404,"message":"The requested resource /v1/Apps/x was not found",)"
       R"("more_info":"https://c/docs/spec/rest.md#errors","status":404})"});
  EXPECT_EQ(WriteProblem(f.session, problem), 20);
  EXPECT_EQ(f.err.str(),
            "Error code 20404 from Strata: The requested resource /v1/Apps/x was not found. "
            "See https://c/docs/spec/rest.md#errors for more info.\n");
  EXPECT_EQ(f.out.str(), "");
}

TEST(WriteProblem, OfTheCloudAsJson_IsAnArrayOnStdoutAndNothingOnStderr) {
  Fixture f;
  f.session.common.format = "json";
  const std::string body =
      R"({"code":65003,"message":"unknown signer","more_info":"u","status":400,"new":1})";
  EXPECT_EQ(WriteProblem(f.session, ProblemOfAnswer({400, body})), 65);
  EXPECT_EQ(f.out.str(),
            "[\n"
            "  {\n"
            "    \"code\": 65003,\n"
            "    \"message\": \"unknown signer\",\n"
            "    \"more_info\": \"u\",\n"
            "    \"status\": 400,\n"
            "    \"new\": 1\n"
            "  }\n"
            "]\n");
  EXPECT_EQ(f.err.str(), "");
}

TEST(WriteProblem, ThatRecordsToldAlready_IsALineOnStderr) {
  Fixture f;
  f.session.common.format = "json";
  Problem problem = Local(Code::kIo, "x");
  problem.told = true;
  EXPECT_EQ(WriteProblem(f.session, problem), 10);
  EXPECT_EQ(f.out.str(), "");
  EXPECT_NE(f.err.str(), "");
}

TEST(WriteProblem, AnswerThatIsNotOurs_IsAProtocolError) {
  Fixture f;
  EXPECT_EQ(WriteProblem(f.session, ProblemOfAnswer({502, "<html>bad gateway</html>"})), 60);
  EXPECT_NE(f.err.str().find("error 602 CloudProtocol"), std::string::npos);
}

TEST(WriteProblem, Local_NamesCodeNameAndNextStep) {
  Fixture f;
  EXPECT_EQ(WriteProblem(f.session, Local(Code::kKeyWrongType, "k.pem: not P-256")), 81);
  EXPECT_EQ(
      f.err.str(),
      "error 811 KeyWrongType: k.pem: not P-256. Next step: use a P-256 key of the right kind "
      "from strata keys generate\n");
}

TEST(WriteProblem, Silent_KeepsStderrEmptyAndTheExitCode) {
  Fixture f;
  f.session.common.silent = true;
  EXPECT_EQ(WriteProblem(f.session, Local(Code::kIo, "x")), 10);
  EXPECT_EQ(f.err.str(), "");
}

TEST(WriteProblem, OnATerminal_UsesColourUnlessNoColorIsSet) {
  Fixture f;
  f.context.err_is_tty = true;
  f.context.env = Environment(std::map<std::string, std::string>{{"TERM", "xterm"}});
  WriteProblem(f.session, Local(Code::kIo, "x"));
  EXPECT_EQ(f.err.str().front(), '\x1b');
  f.err.str("");
  f.context.env =
      Environment(std::map<std::string, std::string>{{"TERM", "xterm"}, {"NO_COLOR", "1"}});
  WriteProblem(f.session, Local(Code::kIo, "x"));
  EXPECT_EQ(f.err.str().front(), 'e');
}

TEST(BarText, HalfDone_ShowsHalfABarAndBothSizes) {
  EXPECT_EQ(BarText("fetching layers", 32768, 65536),
            "fetching layers [###############---------------]  50%  32.0 KiB / 64.0 KiB");
  EXPECT_EQ(BarText("applying", 5, 0), "applying");
  EXPECT_NE(BarText("x", 9, 3).find("100%"), std::string::npos);
}

TEST(BarText, NarrowTerminal_GetsAShorterBarOrNone) {
  for (std::size_t columns = 0; columns < 90; ++columns) {
    EXPECT_LE(BarText("fetching layers", 32768, 65536, columns).size(), columns);
  }
  EXPECT_EQ(BarText("uploading", 1, 2, 46), "uploading [#####-----]  50%  1 bytes / 2 bytes");
  EXPECT_EQ(BarText("uploading", 1, 2, 39), "uploading  50%  1 bytes / 2 bytes");
}

TEST(ProgressBar, OnATerminal_WritesAgainOnlyForAnotherPercentOrLabel) {
  Fixture f;
  f.context.err_is_tty = true;
  f.context.err_columns = 20;
  ProgressBar bar(f.session);
  bar.Show("uploading", 1000, 100000);
  const std::string first = f.err.str();
  EXPECT_EQ(first, "\ruploading   1%\x1b[K");
  bar.Show("uploading", 1001, 100000);
  EXPECT_EQ(f.err.str(), first);
  bar.Show("uploading", 2000, 100000);
  EXPECT_NE(f.err.str(), first);
  f.err.str("");
  bar.Show("checking", 2000, 0);
  EXPECT_EQ(f.err.str(), "\rchecking\x1b[K");
}

TEST(ProgressBar, WithoutTerminal_WritesNothing) {
  Fixture f;
  {
    ProgressBar bar(f.session);
    bar.Show("uploading", 1, 2);
  }
  EXPECT_EQ(f.err.str(), "");
}

TEST(PathOfLink, OnlyPathsOfTheApi_AreFollowed) {
  EXPECT_EQ(PathOfLink("https://elsewhere.example/v1/Apps?PageToken=a").value(),
            "/v1/Apps?PageToken=a");
  EXPECT_EQ(PathOfLink("/v1/Apps").value(), "/v1/Apps");
  EXPECT_FALSE(PathOfLink("https://elsewhere.example"));
  EXPECT_FALSE(PathOfLink("https://elsewhere.example/other"));
  EXPECT_FALSE(PathOfLink("/v1/A b\r\nHost: x"));
}

}  // namespace
}  // namespace strata::cli
