// SPDX-License-Identifier: Apache-2.0
#include "device_process.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <unistd.h>

namespace strata::conformance {
namespace {

using std::chrono::milliseconds;

class Process : public testing::Test {
 protected:
  Process() {
    std::string name = (std::filesystem::temp_directory_path() / "strata-process-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
  }

  ~Process() override {
    std::error_code error;
    std::filesystem::remove_all(dir_, error);
  }

  void Start(const std::string& script) {
    ASSERT_TRUE(process_.Start({"sh", "-c", script}, dir_ / "log").ok());
  }

  [[nodiscard]] std::string Log() const {
    std::ifstream stream(dir_ / "log");
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  void WaitForLog(const std::string& text) const {
    while (Log().find(text) == std::string::npos) {
      ::usleep(1000);
    }
  }

  std::filesystem::path dir_;
  DeviceProcess process_;
};

TEST_F(Process, Output_GoesToTheLogAndSigtermEndsIt) {
  Start("echo out; echo err >&2; exec sleep 1000");
  WaitForLog("err");
  EXPECT_EQ(Log(), "out\nerr\n");
  EXPECT_TRUE(process_.running());
  EXPECT_EQ(process_.Stop(milliseconds(60'000)), "");
  EXPECT_FALSE(process_.running());
}

TEST_F(Process, DeafToSigterm_IsKilledWithItsChildren) {
  Start("trap '' TERM; sleep 1000 & echo $!; wait");
  WaitForLog("\n");
  const pid_t child = std::stoi(Log());
  EXPECT_EQ(process_.Stop(milliseconds(50)), "");
  // It may stay a zombie for a moment, until init takes it.
  for (int i = 0; i < 5000 && ::kill(child, 0) == 0; ++i) {
    std::ifstream status("/proc/" + std::to_string(child) + "/stat");
    const std::string text{std::istreambuf_iterator<char>(status), {}};
    if (text.find(") Z") != std::string::npos) {
      break;
    }
    ASSERT_LT(i, 4999) << "the child runs on";
    ::usleep(1000);
  }
}

TEST_F(Process, ThatCrashesOrFails_IsToldApart) {
  Start("kill -SEGV $$");
  while (process_.running()) {
  }
  EXPECT_EQ(process_.Kill(), "was ended by signal 11");
  Start("exit 3");
  while (process_.running()) {
  }
  EXPECT_EQ(process_.Kill(), "ended with exit code 3");
}

TEST_F(Process, ThatDoesNotExist_IsNotStarted) {
  EXPECT_EQ(process_.Start({"/no/such/program"}, dir_ / "log").error().code, Code::kIo);
  EXPECT_EQ(FindProgram("no-such-program-anywhere"), "");
  EXPECT_EQ(FindProgram("/bin/sh"), "/bin/sh");
  EXPECT_NE(FindProgram("sh"), "");
}

}  // namespace
}  // namespace strata::conformance
