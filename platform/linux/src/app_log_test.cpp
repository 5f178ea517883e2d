// SPDX-License-Identifier: Apache-2.0
#include "app_log.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "temp_dir.hpp"

namespace strata::device {
namespace {

TEST(AppLog, Append_AfterReopening_AddsToWhatIsThere) {
  const TempDir dir;
  AppLog(dir.path() / "app.log").Append("one");
  AppLog(dir.path() / "app.log").Append("two\x1b");
  EXPECT_EQ(dir.Read("app.log"), "one\ntwo.\n");

  struct stat info {};

  ASSERT_EQ(::stat((dir.path() / "app.log").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST(AppLog, Append_WithoutEnd_KeepsTheNewestLinesWithinTheBound) {
  const TempDir dir;
  AppLog log(dir.path() / "app.log");
  const std::string line(1000, 'x');
  for (int i = 0; i < 3000; ++i) {
    log.Append(line);
  }
  log.Append("the last one");
  const std::string newest = dir.Read("app.log");
  EXPECT_LE(newest.size() + dir.Read("app.log.1").size(), AppLog::kMaxBytes);
  EXPECT_GT(dir.Read("app.log.1").size(), AppLog::kMaxBytes / 2 - 2000);
  EXPECT_TRUE(newest.ends_with("the last one\n"));
}

}  // namespace
}  // namespace strata::device
