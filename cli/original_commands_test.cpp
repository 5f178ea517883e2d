// SPDX-License-Identifier: Apache-2.0
// The 27 commands of the original's core, each in both spellings, against a scripted cloud.
#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "support/test_bed.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;

struct Command {
  const char* ours;
  const char* theirs;  ///< after "api:microvisor:v1:"
  const char* method;
  const char* path;
  const char* form;
  int status;
  const char* answer;
  const char* columns;  ///< stdout
};

/// For the lines of failed tests.
void PrintTo(const Command& command, std::ostream* out) {
  *out << command.ours;
}

const Command kCommands[] = {
    Command{"apps list",
            "apps:list",
            "GET",
            "/v1/Apps",
            "",
            200,
            R"({"apps":[{"sid":"KA1","unique_name":"v1"}],"meta":{"next_page_url":null}})",
            "SID  Unique Name\nKA1  v1\n"},
    Command{"apps fetch --sid v1",
            "apps:fetch --sid v1",
            "GET",
            "/v1/Apps/v1",
            "",
            200,
            R"({"sid":"KA1","unique_name":"v1"})",
            "SID  Unique Name\nKA1  v1\n"},
    Command{
        "apps remove --sid v1", "apps:remove --sid v1", "DELETE", "/v1/Apps/v1", "", 204, "", ""},
    Command{"apps manifest --app-sid v1",
            "apps:manifest:fetch --app-sid v1",
            "GET",
            "/v1/Apps/v1/Manifest",
            "",
            200,
            R"({"app_sid":"KA1","hash":"sha256:0"})",
            "App SID  Hash\nKA1      sha256:0\n"},
    Command{"devices list",
            "devices:list",
            "GET",
            "/v1/Devices",
            "",
            200,
            R"({"devices":[{"sid":"UV1","unique_name":"one","app":{}}],"meta":{}})",
            "SID  Unique Name\nUV1  one\n"},
    Command{"devices fetch --sid one",
            "devices:fetch --sid one",
            "GET",
            "/v1/Devices/one",
            "",
            200,
            R"({"sid":"UV1","unique_name":"one","app":{}})",
            "SID  Unique Name\nUV1  one\n"},
    Command{"devices update --sid UV1 --unique-name one --target-app v1 --logging-enabled "
            "--no-restart-app",
            "devices:update --sid UV1 --unique-name one --target-app v1 --logging-enabled "
            "--no-restart-app",
            "POST",
            "/v1/Devices/UV1",
            "UniqueName=one&TargetApp=v1&LoggingEnabled=true&RestartApp=false",
            200,
            R"({"sid":"UV1","unique_name":"one","app":{}})",
            "SID  Unique Name\nUV1  one\n"},
    Command{"configs create --key k/1 --value v_1",
            "configs:create --key k/1 --value v_1",
            "POST",
            "/v1/Configs",
            "Key=k/1&Value=v_1",
            201,
            R"({"key":"k/1","value":"v 1","date_updated":"2026-01-02T03:04:05Z"})",
            "Key  Value  Date Updated\nk/1  v 1    2026-01-02T03:04:05.000Z\n"},
    Command{
        "configs list",
        "configs:list",
        "GET",
        "/v1/Configs",
        "",
        200,
        R"({"configs":[{"key":"k/1","value":"v 1","date_updated":"2026-01-02T03:04:05Z"}],"meta":{}})",
        "Key  Value  Date Updated\nk/1  v 1    2026-01-02T03:04:05.000Z\n"},
    Command{"configs fetch --key k/1",
            "configs:fetch --key k/1",
            "GET",
            "/v1/Configs/k%2F1",
            "",
            200,
            R"({"key":"k/1","value":"v 1","date_updated":"2026-01-02T03:04:05Z"})",
            "Key  Value  Date Updated\nk/1  v 1    2026-01-02T03:04:05.000Z\n"},
    Command{"configs update --key k/1 --value v_1",
            "configs:update --key k/1 --value v_1",
            "POST",
            "/v1/Configs/k%2F1",
            "Value=v_1",
            200,
            R"({"key":"k/1","value":"v 1","date_updated":"2026-01-02T03:04:05Z"})",
            "Key  Value  Date Updated\nk/1  v 1    2026-01-02T03:04:05.000Z\n"},
    Command{"configs remove --key k/1",
            "configs:remove --key k/1",
            "DELETE",
            "/v1/Configs/k%2F1",
            "",
            204,
            "",
            ""},
    Command{"secrets create --key k/1 --value v_1",
            "secrets:create --key k/1 --value v_1",
            "POST",
            "/v1/Secrets",
            "Key=k/1&Value=v_1",
            201,
            R"({"key":"k/1","date_rotated":"2026-01-02T03:04:05Z"})",
            "Key  Date Rotated\nk/1  2026-01-02T03:04:05.000Z\n"},
    Command{"secrets list",
            "secrets:list",
            "GET",
            "/v1/Secrets",
            "",
            200,
            R"({"secrets":[{"key":"k/1","date_rotated":"2026-01-02T03:04:05Z"}],"meta":{}})",
            "Key  Date Rotated\nk/1  2026-01-02T03:04:05.000Z\n"},
    Command{"secrets fetch --key k/1",
            "secrets:fetch --key k/1",
            "GET",
            "/v1/Secrets/k%2F1",
            "",
            200,
            R"({"key":"k/1","date_rotated":"2026-01-02T03:04:05Z"})",
            "Key  Date Rotated\nk/1  2026-01-02T03:04:05.000Z\n"},
    Command{"secrets update --key k/1 --value v_1",
            "secrets:update --key k/1 --value v_1",
            "POST",
            "/v1/Secrets/k%2F1",
            "Value=v_1",
            200,
            R"({"key":"k/1","date_rotated":"2026-01-02T03:04:05Z"})",
            "Key  Date Rotated\nk/1  2026-01-02T03:04:05.000Z\n"},
    Command{"secrets remove --key k/1",
            "secrets:remove --key k/1",
            "DELETE",
            "/v1/Secrets/k%2F1",
            "",
            204,
            "",
            ""},
    Command{
        "devices configs create --device-sid one --key k/1 --value v_1",
        "devices:configs:create --device-sid one --key k/1 --value v_1",
        "POST",
        "/v1/Devices/one/Configs",
        "Key=k/1&Value=v_1",
        201,
        R"({"device_sid":"UV1","key":"k/1","value":"v 1","date_updated":"2026-01-02T03:04:05Z"})",
        "Key  Value  Date Updated\nk/1  v 1    2026-01-02T03:04:05.000Z\n"},
    Command{
        "devices configs list --device-sid one",
        "devices:configs:list --device-sid one",
        "GET",
        "/v1/Devices/one/Configs",
        "",
        200,
        R"({"configs":[{"device_sid":"UV1","key":"k/1","value":"v 1","date_updated":"2026-01-02T03:04:05Z"}],"meta":{}})",
        "Key  Value  Date Updated\nk/1  v 1    2026-01-02T03:04:05.000Z\n"},
    Command{
        "devices configs fetch --device-sid one --key k/1",
        "devices:configs:fetch --device-sid one --key k/1",
        "GET",
        "/v1/Devices/one/Configs/k%2F1",
        "",
        200,
        R"({"device_sid":"UV1","key":"k/1","value":"v 1","date_updated":"2026-01-02T03:04:05Z"})",
        "Key  Value  Date Updated\nk/1  v 1    2026-01-02T03:04:05.000Z\n"},
    Command{
        "devices configs update --device-sid one --key k/1 --value v_1",
        "devices:configs:update --device-sid one --key k/1 --value v_1",
        "POST",
        "/v1/Devices/one/Configs/k%2F1",
        "Value=v_1",
        200,
        R"({"device_sid":"UV1","key":"k/1","value":"v 1","date_updated":"2026-01-02T03:04:05Z"})",
        "Key  Value  Date Updated\nk/1  v 1    2026-01-02T03:04:05.000Z\n"},
    Command{"devices configs remove --device-sid one --key k/1",
            "devices:configs:remove --device-sid one --key k/1",
            "DELETE",
            "/v1/Devices/one/Configs/k%2F1",
            "",
            204,
            "",
            ""},
    Command{"devices secrets create --device-sid one --key k/1 --value v_1",
            "devices:secrets:create --device-sid one --key k/1 --value v_1",
            "POST",
            "/v1/Devices/one/Secrets",
            "Key=k/1&Value=v_1",
            201,
            R"({"device_sid":"UV1","key":"k/1","date_rotated":"2026-01-02T03:04:05Z"})",
            "Key  Date Rotated\nk/1  2026-01-02T03:04:05.000Z\n"},
    Command{
        "devices secrets list --device-sid one",
        "devices:secrets:list --device-sid one",
        "GET",
        "/v1/Devices/one/Secrets",
        "",
        200,
        R"({"secrets":[{"device_sid":"UV1","key":"k/1","date_rotated":"2026-01-02T03:04:05Z"}],"meta":{}})",
        "Key  Date Rotated\nk/1  2026-01-02T03:04:05.000Z\n"},
    Command{"devices secrets fetch --device-sid one --key k/1",
            "devices:secrets:fetch --device-sid one --key k/1",
            "GET",
            "/v1/Devices/one/Secrets/k%2F1",
            "",
            200,
            R"({"device_sid":"UV1","key":"k/1","date_rotated":"2026-01-02T03:04:05Z"})",
            "Key  Date Rotated\nk/1  2026-01-02T03:04:05.000Z\n"},
    Command{"devices secrets update --device-sid one --key k/1 --value v_1",
            "devices:secrets:update --device-sid one --key k/1 --value v_1",
            "POST",
            "/v1/Devices/one/Secrets/k%2F1",
            "Value=v_1",
            200,
            R"({"device_sid":"UV1","key":"k/1","date_rotated":"2026-01-02T03:04:05Z"})",
            "Key  Date Rotated\nk/1  2026-01-02T03:04:05.000Z\n"},
    Command{"devices secrets remove --device-sid one --key k/1",
            "devices:secrets:remove --device-sid one --key k/1",
            "DELETE",
            "/v1/Devices/one/Secrets/k%2F1",
            "",
            204,
            "",
            ""},
};

std::string FormText(const Fields& form) {
  std::string text;
  for (const auto& [name, value] : form) {
    text += (text.empty() ? "" : "&") + name + "=" + value;
  }
  return text;
}

class OriginalCommand : public TestBed, public testing::WithParamInterface<Command> {
 protected:
  OriginalCommand() { SignInByEnvironment(); }

  [[nodiscard]] static std::vector<std::vector<std::string>> Spellings() {
    const Command& command = GetParam();
    std::string colons = std::string("api:microvisor:v1:") + command.theirs;
    std::string spaces = colons;
    const std::size_t words =
        spaces.find(' ') == std::string::npos ? spaces.size() : spaces.find(' ');
    std::replace(spaces.begin(), spaces.begin() + static_cast<std::ptrdiff_t>(words), ':', ' ');
    std::string escaped = colons;
    escaped.insert(escaped.find(":v1:") + 3, "\\");
    return {Split(command.ours, ' '), Split(colons, ' '), Split(spaces, ' '), Split(escaped, ' ')};
  }

  int RunWith(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    cloud_.answers.clear();
    cloud_.requests.clear();
    cloud_.Answer(GetParam().status, GetParam().answer);
    return Run(arguments);
  }

  [[nodiscard]] static bool Removes() { return std::string(GetParam().method) == "DELETE"; }
};

TEST_P(OriginalCommand, EachSpelling_SendsTheSameAndPrintsTheSame) {
  for (const auto& arguments : Spellings()) {
    ASSERT_EQ(RunWith(arguments, {}), 0) << err_;
    ASSERT_EQ(cloud_.requests.size(), 1U);
    EXPECT_EQ(cloud_.requests[0].method, GetParam().method);
    EXPECT_EQ(cloud_.requests[0].path, GetParam().path);
    EXPECT_EQ(FormText(cloud_.requests[0].form), GetParam().form);
    EXPECT_EQ(out_, GetParam().columns);
    EXPECT_EQ(err_, Removes() ? "The resource was deleted successfully\n" : "");
  }
}

TEST_P(OriginalCommand, Json_IsAnArrayOfObjectsInCamelCase) {
  ASSERT_EQ(RunWith(Spellings()[1], {"-o", "json", "--skip-parameter-validation"}), 0) << err_;
  if (Removes()) {
    EXPECT_EQ(out_, "");
    return;
  }
  const auto array = boost::json::parse(out_).as_array();
  ASSERT_EQ(array.size(), 1U);
  for (const auto& [key, value] : array[0].as_object()) {
    EXPECT_EQ(std::string_view(key).find('_'), std::string_view::npos) << key;
  }
}

TEST_P(OriginalCommand, OtherFormats_PrintWhatTheySay) {
  ASSERT_EQ(RunWith(Spellings()[1], {"--silent"}), 0);
  EXPECT_EQ(out_ + err_, "");
  ASSERT_EQ(RunWith(Spellings()[1], {"-l", "none", "--cli-output-format", "tsv"}), 0);
  EXPECT_EQ(err_, "");
  EXPECT_EQ(out_.find("  "), std::string::npos);
  EXPECT_EQ(out_.find('\t') != std::string::npos, !Removes());
  if (Removes()) {
    return;
  }
  ASSERT_EQ(RunWith(Spellings()[1], {"--no-header"}), 0);
  const std::string all = GetParam().columns;
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 1);
  ASSERT_EQ(RunWith(Spellings()[1], {"--properties", "bogus,key,sid,appSid"}), 0);
  EXPECT_EQ(out_.find("Bogus"), std::string::npos);
  EXPECT_NE(out_, "");
  EXPECT_THAT(err_, HasSubstr("no property 'bogus'"));
}

TEST_P(OriginalCommand, Refusals_GiveTheFirstTwoDigitsOfTheCode) {
  for (const auto& arguments : Spellings()) {
    cloud_.answers.clear();
    cloud_.Answer(404, R"({"code":20404,"message":"no such thing","status":404,"more_info":"u"})");
    EXPECT_EQ(Run(arguments), 20);
    EXPECT_EQ(out_, "");
    EXPECT_THAT(err_,
                HasSubstr("Error code 20404 from Strata: no such thing. See u for more info."));
    EXPECT_EQ(err_.find("Failed to delete the resource\n") == 0, Removes());
  }
}

TEST_P(OriginalCommand, MissingFlags_AreSaidWithoutARequest) {
  const std::vector<std::string> arguments = Split(GetParam().ours, ' ');
  std::vector<std::string> words;
  for (const std::string& argument : arguments) {
    if (argument.starts_with('-')) {
      break;
    }
    words.push_back(argument);
  }
  if (words.size() == arguments.size()) {
    return;
  }
  EXPECT_EQ(Run(words), 1);
  EXPECT_THAT(err_, HasSubstr("--"));
  EXPECT_EQ(Run({Split(std::string("api:microvisor:v1:") + GetParam().theirs, ' ').front()}), 2)
      << "the original's";
  EXPECT_TRUE(cloud_.requests.empty());
}

INSTANTIATE_TEST_SUITE_P(All, OriginalCommand, testing::ValuesIn(kCommands));

class OriginalLists : public TestBed, public testing::WithParamInterface<Command> {
 protected:
  OriginalLists() { SignInByEnvironment(); }
};

TEST_P(OriginalLists, NothingThere_IsSaidOnStderr) {
  cloud_.Answer(200, R"({"apps":[],"devices":[],"configs":[],"secrets":[],"meta":{}})");
  ASSERT_EQ(Run(Split(GetParam().ours, ' ')), 0);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "No results\n");
}

TEST_P(OriginalLists, PagesAndLimits_AreTheOriginals) {
  const std::string path = GetParam().path;
  std::vector<std::string> arguments = Split(GetParam().ours, ' ');
  arguments.insert(arguments.end(), {"--no-limit", "--page-size", "7", "--no-header"});
  const auto page = [this](const std::string& next) {
    std::string items;
    for (const char* key : {"apps", "devices", "configs", "secrets"}) {
      items += std::string("\"") + key + R"(":[{"sid":"X","key":"X"}],)";
    }
    cloud_.Answer(200, "{" + items + R"("meta":{"next_page_url":)" + next + "}}");
  };
  page("\"https://cloud.example:8443" + path + "?PageToken=t\"");
  page("null");
  ASSERT_EQ(Run(arguments), 0) << err_;
  ASSERT_EQ(cloud_.requests.size(), 2U);
  EXPECT_EQ(cloud_.requests[0].path, path + "?PageSize=7");
  EXPECT_EQ(cloud_.requests[1].path, path + "?PageToken=t");
  EXPECT_EQ(out_, "X\nX\n");
  arguments.insert(arguments.end(), {"--limit", "3"});
  EXPECT_EQ(Run(arguments), 1) << "--limit and --no-limit at once";
  cloud_.requests.clear();
  arguments = Split(GetParam().ours, ' ');
  arguments.insert(arguments.end(), {"--limit", "0"});
  EXPECT_EQ(Run(arguments), 0);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "No results\n");
  EXPECT_TRUE(cloud_.requests.empty());
}

std::vector<Command> Lists() {
  std::vector<Command> lists;
  std::copy_if(std::begin(kCommands),
               std::end(kCommands),
               std::back_inserter(lists),
               [](const Command& command) {
                 return std::string(command.ours).find(" list") != std::string::npos;
               });
  return lists;
}

INSTANTIATE_TEST_SUITE_P(All, OriginalLists, testing::ValuesIn(Lists()));

TEST(OriginalCommands, AreAll27) {
  EXPECT_EQ(std::size(kCommands), 27U);
  EXPECT_EQ(Lists().size(), 6U);
}

}  // namespace
}  // namespace strata::cli
