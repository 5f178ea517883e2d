// SPDX-License-Identifier: Apache-2.0
// The 27 commands of the original's core, each in both spellings, against a scripted cloud.
#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "original_commands_table_test.hpp"
#include "support/test_bed.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;

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
