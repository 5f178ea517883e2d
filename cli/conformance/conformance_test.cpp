// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;

class ConformanceVerb : public TestBed {};

TEST_F(ConformanceVerb, List_NamesCasesWithoutADevice) {
  EXPECT_EQ(Run({"conformance", "--list"}), 0);
  EXPECT_THAT(out_, HasSubstr("rollback-attack"));
  EXPECT_THAT(out_, HasSubstr("Expectation"));
  EXPECT_EQ(Run({"conformance", "--list", "-o", "json"}), 0);
  EXPECT_THAT(out_, HasSubstr("\"attack\": \"mix-and-match\""));
}

TEST_F(ConformanceVerb, WithoutDevice_IsAUsageError) {
  EXPECT_EQ(Run({"conformance"}), 1);
  EXPECT_THAT(err_, HasSubstr("--device"));
  EXPECT_EQ(Run({"conformance", "--device", "x {dir}", "--timeout", "0"}), 1);
}

TEST_F(ConformanceVerb, WhatCantBeRun_HasAStableCode) {
  EXPECT_EQ(Run({"conformance", "--device", "/no/such/device {dir}"}), 10);
  EXPECT_THAT(err_, HasSubstr("error 103 NotFound: there is no program '/no/such/device'"));
  EXPECT_EQ(Run({"conformance", "--device", "sh {dir}", "--only", "x"}), 10);
  EXPECT_EQ(Run({"conformance", "--device", "sh {dir}", "--hardware", "mps2-an505"}), 10);
}

TEST_F(ConformanceVerb, WorkDirectoryInUse_IsRefused) {
  static_cast<void>(Write("something", "x"));
  EXPECT_EQ(Run({"conformance", "--device", "sh {dir}", "--work", dir_.string()}), 10);
  EXPECT_THAT(err_, HasSubstr("error 104 AlreadyExists"));
}

TEST_F(ConformanceVerb, FailedCase_Is90AndOneJsonDocument) {
  const std::string work = Path("work");
  EXPECT_EQ(Run({"conformance",
                 "--device",
                 "sh -c 'exit 1' {dir}",
                 "--only",
                 "good-update",
                 "--work",
                 work,
                 "-o",
                 "json"}),
            90);
  EXPECT_TRUE(out_.starts_with("[") && out_.ends_with("]\n")) << out_;
  EXPECT_THAT(out_, HasSubstr("\"verdict\": \"FAIL\""));
  EXPECT_THAT(err_, HasSubstr("error 900 ConformanceFailed: 0 passed, 1 failed, 0 skipped"));
  EXPECT_TRUE(std::filesystem::exists(work + "/good-update/device.log"));
  EXPECT_EQ(ModeOf(work), 0700U);
}

}  // namespace
}  // namespace strata::cli
