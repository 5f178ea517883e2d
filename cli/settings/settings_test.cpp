// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kSecret = R"({"key":"k","date_rotated":"2026-01-02T03:04:05Z"})";

class Settings : public TestBed {
 protected:
  Settings() { SignInByEnvironment(); }

  std::string SentValue() {
    for (const auto& [name, value] : cloud_.requests.at(0).form) {
      if (name == "Value") {
        return value;
      }
    }
    return "(absent)";
  }
};

TEST_F(Settings, ValueFromAFile_LosesOneLineEnd) {
  for (const auto& [bytes, value] : std::vector<std::pair<std::string, std::string>>{
           {"hush\n", "hush"}, {"two\nlines\r\n", "two\nlines"}, {"a\n\n", "a\n"}, {"", ""}}) {
    cloud_.requests.clear();
    cloud_.Answer(201, kSecret);
    ASSERT_EQ(Run({"secrets", "create", "k", "--value-file", Write("v", bytes)}), 0) << err_;
    EXPECT_EQ(SentValue(), value);
    EXPECT_EQ(out_.find("hush"), std::string::npos);
  }
}

TEST_F(Settings, ValueFromStandardInput_IsTakenWhole) {
  cloud_.Answer(200, kSecret);
  const std::string value(4096, 'x');
  ASSERT_EQ(Run({"devices",
                 "secrets",
                 "update",
                 "--device-sid",
                 "one",
                 "--key",
                 "k",
                 "--value-file",
                 "-"},
                value + "\n"),
            0)
      << err_;
  EXPECT_EQ(SentValue(), value);
}

TEST_F(Settings, StandardInputWithoutEnd_IsRefused) {
  EXPECT_EQ(Run({"configs", "create", "k", "--value-file", "-"}, std::string(200'000, 'x')), 10);
  EXPECT_TRUE(cloud_.requests.empty());
}

TEST_F(Settings, EmptyValue_IsOne) {
  cloud_.Answer(201, R"({"key":"k","value":"","date_updated":"2026-01-02T03:04:05Z"})");
  ASSERT_EQ(Run({"configs", "create", "--key", "k", "--value", ""}), 0) << err_;
  EXPECT_EQ(SentValue(), "");
}

TEST_F(Settings, KeyEndingInJson_IsAskedForAsNoOther) {
  for (const auto& [key, path] :
       std::vector<std::pair<std::string, std::string>>{{"a.json", "/v1/Configs/a%2Ejson"},
                                                        {"a/b.json", "/v1/Configs/a%2Fb%2Ejson"},
                                                        {".json", "/v1/Configs/%2Ejson"},
                                                        {"a.json.b", "/v1/Configs/a.json.b"}}) {
    cloud_.requests.clear();
    cloud_.Answer(204, "");
    ASSERT_EQ(Run({"configs", "remove", "--key", key}), 0) << err_;
    EXPECT_EQ(cloud_.requests.at(0).path, path);
  }
}

TEST_F(Settings, NoValueOrTwo_IsAUsageError) {
  EXPECT_EQ(Run({"secrets", "create", "--key", "k"}), 1);
  EXPECT_THAT(err_, HasSubstr("--value-file"));
  EXPECT_EQ(Run({"secrets", "create", "--key", "k", "--value", "a", "--value-file", "b"}), 1);
  EXPECT_EQ(Run({"secrets", "create", "--key", "k", "--value-file", Path("none")}), 10);
  EXPECT_TRUE(cloud_.requests.empty());
}

TEST_F(Settings, HelpOfASecret_SaysThatCommandLinesAreReadable) {
  for (const char* verb : {"create", "update"}) {
    ASSERT_EQ(Run({"secrets", verb, "--help"}), 0);
    EXPECT_THAT(out_, HasSubstr("--value-file"));
    EXPECT_THAT(out_, HasSubstr("Other users"));
  }
}

TEST_F(Settings, ControlCharactersOfAValue_DoNotReachTheTerminal) {
  cloud_.Answer(200, R"({"key":"k","value":"a\u001b[31mb\nc"})");
  ASSERT_EQ(Run({"configs", "fetch", "k", "--properties", "value", "--no-header"}), 0);
  EXPECT_EQ(out_, "a?[31mb?c\n");
}

}  // namespace
}  // namespace strata::cli
