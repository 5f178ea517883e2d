// SPDX-License-Identifier: Apache-2.0
#include "refusal_table_test.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace strata::cloud {
namespace {

std::string TextOfFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Codes of rest.md that the sources name, tests left out.
std::set<int> CodesInSources() {
  std::set<int> codes;
  const std::regex code(R"(\b(20[0-9]{3}|650[0-9]{2})\b)");
  for (const char* folder : {"domain", "http"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             std::filesystem::path(STRATA_SOURCE_DIR "/cloud") / folder)) {
      const std::string name = entry.path().filename().string();
      const bool source = name.ends_with(".cpp") || name.ends_with(".hpp");
      if (!source || name.find("_test.") != std::string::npos || name.ends_with("_fuzz.cpp")) {
        continue;
      }
      const std::string text = TextOfFile(entry.path());
      for (std::sregex_iterator at(text.begin(), text.end(), code), end; at != end; ++at) {
        codes.insert(std::stoi(at->str()));
      }
    }
  }
  return codes;
}

}  // namespace

const std::set<std::pair<int, int>>& RefusalTable() {
  static const std::set<std::pair<int, int>> kTable = [] {
    std::set<std::pair<int, int>> rows;
    const std::string page = TextOfFile(STRATA_SOURCE_DIR "/docs/spec/rest.md");
    const std::regex row(R"(\n\| ([0-9]{3}) \| ([0-9]{5}) \|)");
    for (std::sregex_iterator at(page.begin(), page.end(), row), end; at != end; ++at) {
      rows.emplace(std::stoi((*at)[1]), std::stoi((*at)[2]));
    }
    return rows;
  }();
  return kTable;
}

std::string CheckRefusal(const TestResponse& answer) {
  boost::json::error_code error;
  const boost::json::value body =
      answer.status < 400 ? boost::json::value() : boost::json::parse(answer.body, error);
  if (error || !body.is_object() || !body.as_object().contains("code")) {
    return {};
  }
  const auto number = [&body](const char* name) {
    const boost::json::value* const value = body.as_object().if_contains(name);
    return value != nullptr && value->is_int64() ? static_cast<int>(value->as_int64()) : 0;
  };
  if (number("status") != answer.status) {
    return "the body's status is not " + std::to_string(answer.status);
  }
  return RefusalTable().contains({answer.status, number("code")})
             ? ""
             : "docs/spec/rest.md has no row for " + std::to_string(answer.status) + ", " +
                   std::to_string(number("code"));
}

namespace {

TEST(RefusalTable, Codes_AreThoseThatTheSourcesName) {
  std::set<int> codes;
  for (const auto& [status, code] : RefusalTable()) {
    codes.insert(code);
  }
  EXPECT_EQ(codes, CodesInSources());
}

TEST(RefusalTable, CheckRefusal_SeesWhatDiffers) {
  const auto answer = [](int status, std::string body) {
    return TestResponse{status, {}, std::move(body)};
  };
  EXPECT_EQ(CheckRefusal(answer(404, R"({"code":20404,"status":404})")), "");
  EXPECT_NE(CheckRefusal(answer(404, R"({"code":20404,"status":400})")), "");
  EXPECT_NE(CheckRefusal(answer(404, R"({"code":20001,"status":404})")), "");
  EXPECT_EQ(CheckRefusal(answer(503, R"({"status":"failed"})")), "");
  EXPECT_EQ(CheckRefusal(answer(200, R"({"code":1})")), "");
}

}  // namespace
}  // namespace strata::cloud
