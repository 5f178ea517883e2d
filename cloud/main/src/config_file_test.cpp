// SPDX-License-Identifier: Apache-2.0
#include "config_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace strata::cloud {
namespace {

class ConfigFile : public ::testing::Test {
 protected:
  ConfigFile() {
    char name[] = "/tmp/strata-config-XXXXXX";
    dir_ = mkdtemp(name);
    program_.require_subcommand(1);
    CLI::App* const serve = program_.add_subcommand("serve");
    serve->add_option("--data", data_)->required()->configurable(false);
    serve->add_option("--listen", listen_);
    serve->add_option("--max-apps", apps_)->check(CLI::Range(0, 5000));
    serve->add_flag("--plain-http", plain_);
    AddConfigFile(*serve, file_);
  }

  ~ConfigFile() override { std::filesystem::remove_all(dir_); }

  /// The problem in words; empty when it was parsed.
  std::string Parse(const std::string& text, const std::vector<std::string>& more = {}) {
    std::ofstream(dir_ + "/cloud.conf", std::ios::binary) << text;
    std::vector<std::string> words = {"serve", "--data", "d", "--config", dir_ + "/cloud.conf"};
    words.insert(words.end(), more.begin(), more.end());
    return ParseWords({words.rbegin(), words.rend()});
  }

  std::string ParseWords(std::vector<std::string> backwards) {
    try {
      program_.parse(backwards);
    } catch (const CLI::ParseError& error) {
      return error.what();
    }
    return {};
  }

  std::string dir_;
  std::string data_;
  std::string file_;
  std::string listen_ = "127.0.0.1:8443";
  int apps_ = 1000;
  bool plain_ = false;
  CLI::App program_;
};

TEST_F(ConfigFile, Lines_AreOptions) {
  ASSERT_EQ(Parse("# limits\n; of this site\n\n  max-apps = 7 \r\nlisten=[::]:1\nplain-http=true"),
            "");
  EXPECT_EQ(apps_, 7);
  EXPECT_EQ(listen_, "[::]:1");
  EXPECT_TRUE(plain_);
}

TEST_F(ConfigFile, CommandLine_WinsAndTheRestStays) {
  ASSERT_EQ(Parse("max-apps=7\n", {"--max-apps", "8"}), "");
  EXPECT_EQ(apps_, 8);
  EXPECT_EQ(listen_, "127.0.0.1:8443");
  EXPECT_FALSE(plain_);
}

TEST_F(ConfigFile, FlagThatIsOff_IsOff) {
  ASSERT_EQ(Parse("plain-http=false\n"), "");
  EXPECT_FALSE(plain_);
}

TEST_F(ConfigFile, WhatIsNoOption_IsRefusedWithFileAndLine) {
  for (const char* line : {"max-app=7",
                           "data=/elsewhere",
                           "config=more.conf",
                           "help=true",
                           "[serve]",
                           "max-apps",
                           "=7",
                           "max-apps=7\nmax-apps=8",
                           "max-apps=many",
                           "max-apps=5001",
                           "max-apps=",
                           "plain-http=perhaps"}) {
    const std::string problem = Parse("# one\n" + std::string(line) + "\n");
    EXPECT_NE(problem.find("cloud.conf:"), std::string::npos) << line << ": " << problem;
  }
}

TEST_F(ConfigFile, FileThatIsNotThere_IsRefused) {
  EXPECT_NE(ParseWords({dir_ + "/none", "--config", "d", "--data", "serve"}).find("/none"),
            std::string::npos);
}

}  // namespace
}  // namespace strata::cloud
