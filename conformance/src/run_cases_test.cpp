// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <fstream>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strata/conformance/conformance.hpp"

namespace strata::conformance {
namespace {

class Kit : public testing::Test {
 protected:
  Kit() {
    std::string name = (std::filesystem::temp_directory_path() / "strata-kit-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
  }

  ~Kit() override {
    std::error_code error;
    std::filesystem::remove_all(dir_, error);
  }

  [[nodiscard]] Options With(const std::string& command) const {
    return {.device_command = command,
            .work_dir = dir_,
            .profile = FindHardwareProfile("stm32u585"),
            .only = {"good-update"}};
  }

  static Code CodeOf(const Options& options) {
    const auto results = RunCases(options, [](const CaseResult&) {});
    return results.ok() ? Code::kOk : results.failure().error.code;
  }

  std::filesystem::path dir_;
};

TEST(Cases, EqualTheTableOfTheDocument) {
  std::ifstream file(STRATA_SOURCE_DIR "/docs/spec/conformance.md");
  ASSERT_TRUE(file.is_open());
  std::vector<std::string> in_document;
  const std::regex form(R"(^\| `([a-z0-9-]+)` \| (.+) \| (.+) \|$)");
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_match(line, match, form)) {
      in_document.push_back(match.str(1) + " | " + match.str(2) + " | " + match.str(3));
    }
  }
  std::vector<std::string> in_kit;
  for (const CaseInfo& info : Cases()) {
    in_kit.push_back(std::string(info.name) + " | " + std::string(info.attack) + " | " +
                     std::string(info.expectation));
  }
  EXPECT_EQ(in_kit, in_document);
}

TEST_F(Kit, WhatCantBeRun_IsRefusedBeforeAnyCase) {
  EXPECT_EQ(CodeOf(With("sleep 1")), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(With("/no/such/device {dir}")), Code::kNotFound);
  Options unknown = With("sh {dir}");
  unknown.only = {"no-such-case"};
  EXPECT_EQ(CodeOf(unknown), Code::kNotFound);
  Options board = With("sh {dir}");
  board.profile = FindHardwareProfile("mps2-an505");
  EXPECT_EQ(CodeOf(board), Code::kInvalidArgument);
}

TEST_F(Kit, DeviceThatEnds_FailsAndItsDirectoryStays) {
  const auto results =
      RunCases(With("sh -c 'echo here: {case}; exit 5' {dir}"), [](const CaseResult&) {});
  ASSERT_TRUE(results.ok());
  ASSERT_EQ(results->size(), 1U);
  EXPECT_EQ(results->front().verdict, Verdict::kFail);
  EXPECT_THAT(results->front().reason, testing::HasSubstr("the device ended"));
  std::ifstream log(dir_ / "good-update/device.log");
  std::string line;
  std::getline(log, line);
  EXPECT_EQ(line, "here: good-update");
  for (const char* name :
       {"device.conf", "identity.pem", "identity.crt", "ca.pem", "seed/signers"}) {
    EXPECT_TRUE(std::filesystem::exists(dir_ / "good-update/device" / name)) << name;
  }
}

TEST_F(Kit, DeviceThatDoesNothing_FailsWhenTimeIsUp) {
  Options options = With("sleep 1000 {dir}");
  options.device_command = "sh -c 'exec sleep 1000' {dir}";
  options.timeout = std::chrono::seconds(1);
  options.only = {"good-update", "slow-loris-body"};
  const auto results = RunCases(options, [](const CaseResult&) {});
  ASSERT_TRUE(results.ok());
  EXPECT_EQ(results->at(0).verdict, Verdict::kFail);
  EXPECT_THAT(results->at(0).reason, testing::HasSubstr("time was up"));
  EXPECT_EQ(results->at(1).verdict, Verdict::kSkip);
}

}  // namespace
}  // namespace strata::conformance
