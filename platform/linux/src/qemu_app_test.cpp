// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/linux/qemu_app.hpp"

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "strata/platform/linux/unique_fd.hpp"

#include "temp_dir.hpp"

namespace strata::device {
namespace {

using ports::AppEvent;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

/// A stand-in for QEMU: a shell script that speaks on the descriptors the emulator would get.
class QemuAppTest : public ::testing::Test {
 protected:
  QemuAppTest() {
    dir_.Write("internal.bin", "app");
    dir_.Write("launcher.elf", "launcher");
  }

  ~QemuAppTest() override {
    app_.reset();
    ::close(log_ends_[0]);
    ::close(log_ends_[1]);
  }

  int OpenPipe() { return ::pipe(log_ends_) == 0 ? log_ends_[1] : -1; }

  QemuApp& App(const std::string& script) {
    dir_.Write("qemu", "#!/bin/sh\n" + script + "\n");
    ::chmod((dir_.path() / "qemu").c_str(), 0700);
    app_ = std::make_unique<QemuApp>(
        QemuAppOptions{dir_.path() / "qemu",
                       dir_.path() / "launcher.elf",
                       dir_.path() / "internal.bin",
                       dir_.path() / "app.log",
                       [this](std::string_view line) { told_.emplace_back(line); }},
        log_);
    return *app_;
  }

  AppEvent NextEvent(milliseconds patience = milliseconds(5'000)) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      if (const AppEvent event = app_->TakeEvent(); event != AppEvent::kNone) {
        return event;
      }
      std::this_thread::sleep_for(milliseconds(5));
    }
    return AppEvent::kNone;
  }

  std::string Logged() {
    pollfd waiting{log_ends_[0], POLLIN, 0};
    while (::poll(&waiting, 1, 0) == 1) {
      char piece[4096];
      const ssize_t got = ::read(log_ends_[0], piece, sizeof(piece));
      logged_.append(piece, got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    return logged_;
  }

  bool WaitForLog(const std::string& text) {
    for (int i = 0; i < 1000; ++i) {
      app_->Pump();
      if (Logged().find(text) != std::string::npos) {
        return true;
      }
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }

  TempDir dir_;
  int log_ends_[2]{};
  Log log_{OpenPipe()};
  std::string logged_;
  std::vector<std::string> told_;
  std::unique_ptr<QemuApp> app_;
};

TEST_F(QemuAppTest, Start_OfTalkingApp_DeliversItsEventsInOrder) {
  ASSERT_TRUE(
      App("printf 'ready\\nnonsense\\ndefer\\napply-now\\n' >&5; exec sleep 100").Start().ok());
  EXPECT_EQ(NextEvent(), AppEvent::kReady);
  EXPECT_EQ(NextEvent(), AppEvent::kDefer);
  EXPECT_EQ(NextEvent(), AppEvent::kApplyNow);
  EXPECT_EQ(app_->TakeEvent(), AppEvent::kNone);
}

TEST_F(QemuAppTest, Start_OfEndingApp_SaysItsEventsThenCrashedOnce) {
  ASSERT_TRUE(App("printf 'ready\\n' >&5; exit 0").Start().ok());
  EXPECT_EQ(NextEvent(), AppEvent::kReady);
  EXPECT_EQ(NextEvent(), AppEvent::kCrashed);
  EXPECT_EQ(NextEvent(milliseconds(50)), AppEvent::kNone);
  EXPECT_TRUE(app_->Start().ok());
  EXPECT_EQ(NextEvent(), AppEvent::kReady);
}

TEST_F(QemuAppTest, Stop_OfRunningApp_EndsItWithoutACrashEvent) {
  ASSERT_TRUE(App("echo $$ >&4; sleep 100 & wait").Start().ok());
  ASSERT_TRUE(WaitForLog("app: "));
  const std::string text = Logged();
  const pid_t pid = std::stoi(text.substr(text.find("app: ") + 5));
  ASSERT_EQ(::kill(pid, 0), 0);
  EXPECT_TRUE(app_->Stop().ok());
  EXPECT_NE(::kill(pid, 0), 0);
  EXPECT_EQ(app_->TakeEvent(), AppEvent::kNone);
  EXPECT_TRUE(app_->Stop().ok());
}

TEST_F(QemuAppTest, Log_OfTheApp_GoesToTheLogAndToItsFileWithoutControlCharacters) {
  ASSERT_TRUE(
      App("printf 'blink 1\\r\\n\\033[2Jevil\\n' >&4; echo 'fault bus' >&3; echo broken >&2;"
          "echo 'warning: nic lan9118.0 has no peer' >&2; exec sleep 100")
          .Start()
          .ok());
  ASSERT_TRUE(WaitForLog("qemu: broken"));
  ASSERT_TRUE(WaitForLog("app: .[2Jevil"));
  EXPECT_THAT(Logged(), HasSubstr("app: blink 1\n"));
  EXPECT_THAT(Logged(), HasSubstr("launcher: fault bus\n"));
  EXPECT_THAT(Logged(), Not(HasSubstr("no peer")));
  EXPECT_EQ(dir_.Read("app.log"), "blink 1\n.[2Jevil\n");
  EXPECT_THAT(told_, ::testing::UnorderedElementsAre("blink 1", "\033[2Jevil", "fault bus"));
}

TEST_F(QemuAppTest, Log_OfAFloodingApp_IsBoundedPerSecond) {
  ASSERT_TRUE(App("exec yes 'flood flood flood flood flood flood flood flood' >&4").Start().ok());
  const auto end = std::chrono::steady_clock::now() + milliseconds(900);
  while (std::chrono::steady_clock::now() < end) {
    app_->Pump();
    Logged();
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_LE(dir_.Read("app.log").size(), 2 * QemuApp::kLogBytesPerSecond + 8192);
  std::vector<int> fds;
  milliseconds timeout{1'000};
  app_->PrepareWait(fds, timeout);
  EXPECT_LE(fds.size(), 4U);
}

TEST_F(QemuAppTest, Notify_OfStagedUpdate_ReachesTheApp) {
  ASSERT_TRUE(App("read line <&5; echo \"got $line\" >&4; exec sleep 100").Start().ok());
  app_->NotifyUpdateDownloaded();
  EXPECT_TRUE(WaitForLog("app: got update-downloaded"));
}

TEST_F(QemuAppTest, Start_Always_GivesTheChildNothingButItsDescriptors) {
  ASSERT_EQ(::setenv("STRATA_SECRET_FOR_TEST", "hunter2", 1), 0);
  const UniqueFd inheritable(::dup2(log_ends_[0], 15));
  ASSERT_TRUE(App("for fd in 0 1 2 3 4 5; do [ -e /proc/$$/fd/$fd ] || echo missing >&4; done;"
                  "for fd in 6 7 8 9 11 12 13 14 15 16 17 18 19 20; do"
                  " [ -e /proc/$$/fd/$fd ] && echo leaked $fd >&4; done;"
                  "env >&4; echo end >&4; exec sleep 100")
                  .Start()
                  .ok());
  ASSERT_TRUE(WaitForLog("app: end"));
  ::unsetenv("STRATA_SECRET_FOR_TEST");
  EXPECT_THAT(Logged(), Not(HasSubstr("hunter2")));
  // 10 is the shell's own script.
  EXPECT_THAT(Logged(), Not(HasSubstr("missing")));
  EXPECT_THAT(Logged(), Not(HasSubstr("leaked")));
}

TEST_F(QemuAppTest, Start_OfWhatIsNoProgram_FailsAndNothingRuns) {
  App("exit 0");
  ASSERT_EQ(::chmod((dir_.path() / "qemu").c_str(), 0600), 0);
  EXPECT_EQ(app_->Start().error().code, Code::kAppStartFailed);
  EXPECT_EQ(app_->TakeEvent(), AppEvent::kNone);
}

TEST_F(QemuAppTest, Death_OfTheDevice_EndsTheApp) {
  App("echo $$ >&4; exec sleep 100");
  const pid_t device = ::fork();
  if (device == 0) {
    const bool started = app_->Start().ok() && WaitForLog("app: ");
    ::raise(started ? SIGKILL : SIGTERM);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(device, &status, 0), device);
  ASSERT_EQ(WTERMSIG(status), SIGKILL);
  const pid_t app = std::stoi(dir_.Read("app.log"));
  for (int i = 0; i < 1000 && ::kill(app, 0) == 0; ++i) {
    std::ifstream stat("/proc/" + std::to_string(app) + "/stat");
    std::string pid;
    std::string name;
    char state = 'X';
    stat >> pid >> name >> state;
    if (state == 'Z' || state == 'X') {
      return;
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_NE(::kill(app, 0), 0);
}

TEST(FindQemu, OfMissingProgram_SaysWhatToInstall) {
  const auto found = FindQemu("strata-no-such-emulator");
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.failure().message, HasSubstr("qemu-system-arm"));
  EXPECT_TRUE(FindQemu("sh").ok());
  EXPECT_TRUE(FindQemu("/bin/sh").ok());
}

TEST(NullApp, Always_StartsNothingAndSaysSoOnce) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Log log(ends[1]);
  NullApp app(log);
  EXPECT_TRUE(app.Start().ok());
  EXPECT_TRUE(app.Start().ok());
  EXPECT_EQ(app.TakeEvent(), AppEvent::kNone);
  EXPECT_TRUE(app.Stop().ok());
  ::close(ends[1]);
  std::string text(4096, '\0');
  const ssize_t got = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_THAT(text, HasSubstr("no emulator"));
}

}  // namespace
}  // namespace strata::device
