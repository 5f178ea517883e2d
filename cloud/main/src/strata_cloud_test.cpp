// SPDX-License-Identifier: Apache-2.0
// The program as people and scripts start it.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace strata::cloud {
namespace {

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool StartsWith(const std::string& text, const std::string& line_start) {
  return text.rfind(line_start, 0) == 0 || text.find("\n" + line_start) != std::string::npos;
}

class Program {
 public:
  Program(const std::vector<std::string>& arguments, const std::string& output) {
    std::vector<std::string> all = {STRATA_CLOUD_PROGRAM};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& argument : all) {
      pointers.push_back(argument.data());
    }
    pointers.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      const int errors = open((output + ".err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      dup2(out, STDOUT_FILENO);
      dup2(errors, STDERR_FILENO);
      execv(STRATA_CLOUD_PROGRAM, pointers.data());
      _exit(127);
    }
  }

  ~Program() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void Signal(int number) const { kill(pid_, number); }

  /// Exit code; 128 + signal when a signal ended it.
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
};

class StrataCloud : public ::testing::Test {
 protected:
  StrataCloud() {
    char name[] = "/tmp/strata-cloud-XXXXXX";
    root_ = mkdtemp(name);
    data_ = root_ + "/data";
    output_ = root_ + "/out";
  }

  ~StrataCloud() override { std::filesystem::remove_all(root_); }

  int Run(const std::vector<std::string>& arguments) { return Program(arguments, output_).Wait(); }

  [[nodiscard]] std::string Output() const { return ReadText(output_); }

  [[nodiscard]] std::string Errors() const { return ReadText(output_ + ".err"); }

  [[nodiscard]] std::vector<std::string> Serve(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {
        "serve", "--data", data_, "--listen", "127.0.0.1:0", "--device-listen", "127.0.0.1:0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  /// The `ready` line, or nothing after 20 seconds.
  [[nodiscard]] std::string WaitUntilReady() const {
    for (int i = 0; i < 400; ++i) {
      const std::string text = Output();
      if (text.starts_with("ready ") && text.ends_with("\n")) {
        return text;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return {};
  }

  std::string root_;
  std::string data_;
  std::string output_;
};

TEST_F(StrataCloud, Init_NewDirectory_KeepsEverythingToItsOwner) {
  ASSERT_EQ(Run({"init", "--data", data_, "--hostname", "strata.example"}), 0) << Errors();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data_)) {
    struct stat info {};

    ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0077, 0U) << entry.path();
  }
  const std::string env = ReadText(data_ + "/account.env");
  for (const char* line : {"STRATA_URL=https://",
                           "STRATA_DEVICE_URL=https://",
                           "STRATA_ACCOUNT_SID=AC",
                           "STRATA_AUTH_TOKEN=",
                           "STRATA_CA_FILE=/"}) {
    EXPECT_TRUE(StartsWith(env, line)) << line;
  }
  EXPECT_TRUE(StartsWith(ReadText(data_ + "/pki/server.names"), "strata.example\n"));
  const std::string token = env.substr(env.find("TOKEN=") + 6, 16);
  EXPECT_EQ((Output() + Errors()).find(token), std::string::npos);
}

TEST_F(StrataCloud, Init_DirectoryWithAFile_IsRefusedAndKept) {
  std::filesystem::create_directory(data_);
  std::ofstream(data_ + "/mine") << "x";
  EXPECT_EQ(Run({"init", "--data", data_}), 1);
  EXPECT_NE(Errors().find("not empty"), std::string::npos);
  EXPECT_EQ(ReadText(data_ + "/mine"), "x");
}

TEST_F(StrataCloud, Init_BadHostName_LeavesNothing) {
  EXPECT_EQ(Run({"init", "--data", data_, "--hostname", "a b"}), 1);
  EXPECT_TRUE(std::filesystem::is_empty(data_));
}

TEST_F(StrataCloud, Usage_Wrong_IsExit2) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(Run({"serve"}), 2);
  EXPECT_EQ(Run({"init", "--nonsense"}), 2);
  EXPECT_EQ(Run({"serve", "--help"}), 0);
  EXPECT_NE(Output().find("Examples:"), std::string::npos);
}

TEST_F(StrataCloud, Ca_PreparedAndSwitched_IsWhatTheNextStartUses) {
  ASSERT_EQ(Run({"init", "--data", data_}), 0);
  const std::string before = ReadText(data_ + "/ca.pem");
  EXPECT_EQ(Run({"ca", "switch", "--data", data_}), 1);
  EXPECT_NE(Errors().find("strata-cloud ca prepare"), std::string::npos);
  ASSERT_EQ(Run({"ca", "prepare", "--data", data_}), 0) << Errors();
  const std::string next = ReadText(data_ + "/ca-next.pem");
  EXPECT_NE(next, before);
  EXPECT_EQ(ReadText(data_ + "/ca.pem"), before + next);
  ASSERT_EQ(Run({"ca", "prepare", "--data", data_}), 0) << "again";
  EXPECT_EQ(ReadText(data_ + "/ca-next.pem"), next);
  {
    Program server(Serve(), output_);
    ASSERT_NE(WaitUntilReady(), "") << Errors();
    Program second({"ca", "switch", "--data", data_}, root_ + "/second");
    EXPECT_EQ(second.Wait(), 1) << "a server runs";
    server.Signal(SIGTERM);
    EXPECT_EQ(server.Wait(), 0);
  }
  ASSERT_EQ(Run({"ca", "switch", "--data", data_}), 0) << Errors();
  EXPECT_EQ(ReadText(data_ + "/ca.pem"), next);
  EXPECT_FALSE(std::filesystem::exists(data_ + "/ca-next.pem"));
  EXPECT_EQ(Run({"ca", "switch", "--data", data_}), 1);
  EXPECT_EQ(Run({"ca", "prepare", "--data", root_}), 1);
  Program server(Serve(), output_);
  ASSERT_NE(WaitUntilReady(), "") << Errors();
  EXPECT_TRUE(ReadText(data_ + "/pki/server.pem").ends_with(next));
}

TEST_F(StrataCloud, MasterKey_MissingOrWrongOrOpenToOthers_IsRefusedAndSaysWhich) {
  ASSERT_EQ(Run({"init", "--data", data_}), 0) << Errors();
  const std::string file = data_ + "/master.key";
  const std::string key = ReadText(file);
  ASSERT_TRUE(key.starts_with("strata-master-key-v1 "));
  std::filesystem::remove(file);
  EXPECT_EQ(Run(Serve()), 1);
  EXPECT_NE(Errors().find("--master-key"), std::string::npos) << Errors();
  EXPECT_FALSE(std::filesystem::exists(file)) << "no new key in the old one's place";
  EXPECT_EQ(Run({"master-key", "rotate", "--data", data_}), 1);

  std::ofstream(file) << "strata-master-key-v1 " << std::string(64, '0') << "\n";
  chmod(file.c_str(), 0600);
  EXPECT_EQ(Run(Serve()), 1);
  EXPECT_NE(Errors().find("another master key"), std::string::npos) << Errors();
  std::ofstream(file) << "nonsense";
  EXPECT_EQ(Run(Serve()), 1);
  EXPECT_NE(Errors().find("is not a master key"), std::string::npos) << Errors();
  std::ofstream(file) << key;
  chmod(file.c_str(), 0640);
  EXPECT_EQ(Run(Serve()), 1);
  EXPECT_NE(Errors().find("chmod 600"), std::string::npos) << Errors();

  const std::string elsewhere = root_ + "/my.key";
  std::filesystem::rename(file, elsewhere);
  chmod(elsewhere.c_str(), 0600);
  Program server(Serve({"--master-key", elsewhere}), output_);
  EXPECT_NE(WaitUntilReady(), "") << Errors();
  EXPECT_EQ(Errors().find(key.substr(21, 64)), std::string::npos);
}

TEST_F(StrataCloud, MasterKey_Rotated_AndFinishedWhenItWasInterrupted) {
  const std::string file = root_ + "/master.key";
  const std::vector<std::string> rotate = {
      "master-key", "rotate", "--data", data_, "--master-key", file};
  ASSERT_EQ(Run({"init", "--data", data_, "--master-key", file}), 0) << Errors();
  EXPECT_FALSE(std::filesystem::exists(data_ + "/master.key"));
  const std::string first = ReadText(file);
  ASSERT_EQ(Run(rotate), 0) << Errors();
  const std::string second = ReadText(file);
  EXPECT_EQ(second.size(), first.size());
  EXPECT_NE(second, first);
  EXPECT_EQ((Output() + Errors()).find(second.substr(21, 64)), std::string::npos);

  // Cut behind the first write: both keys in the file, the database knows the old one.
  const std::string third = "strata-master-key-v1 " + std::string(64, 'e') + "\n";
  std::ofstream(file) << third << second;
  {
    Program server(Serve({"--master-key", file}), output_);
    ASSERT_NE(WaitUntilReady(), "") << Errors();
    Program second_rotate(rotate, root_ + "/second");
    EXPECT_EQ(second_rotate.Wait(), 1) << "a server runs";
    server.Signal(SIGTERM);
    EXPECT_EQ(server.Wait(), 0);
  }
  ASSERT_EQ(Run(rotate), 0) << Errors();
  EXPECT_NE(Output().find("finished"), std::string::npos);
  EXPECT_EQ(ReadText(file), third);
  Program server(Serve({"--master-key", file}), output_);
  EXPECT_NE(WaitUntilReady(), "") << Errors();
}

TEST_F(StrataCloud, Serve_DirectoryWithoutACloud_SaysHowToMakeOne) {
  std::filesystem::create_directory(data_);
  EXPECT_EQ(Run(Serve()), 1);
  EXPECT_NE(Errors().find("strata-cloud init"), std::string::npos);
}

TEST_F(StrataCloud, Serve_PortZero_TellsItsUrlsAndKeepsTheAccount) {
  ASSERT_EQ(Run({"init", "--data", data_}), 0);
  const std::string before = ReadText(data_ + "/account.env");
  Program server(Serve(), output_);
  const std::string ready = WaitUntilReady();
  ASSERT_EQ(ready.substr(0, 24), "ready https://127.0.0.1:") << Errors();
  const std::size_t space = ready.find(' ', 6);
  const std::string env = ReadText(data_ + "/account.env");
  EXPECT_TRUE(StartsWith(env, "STRATA_URL=" + ready.substr(6, space - 6) + "\n")) << env;
  EXPECT_TRUE(StartsWith(env, "STRATA_DEVICE_URL=" + ready.substr(space + 1)));
  EXPECT_EQ(env.substr(env.find("STRATA_ACCOUNT_SID")),
            before.substr(before.find("STRATA_ACCOUNT_SID")));

  struct stat info {};

  ASSERT_EQ(stat((data_ + "/account.env").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  server.Signal(SIGTERM);
  EXPECT_EQ(server.Wait(), 0);
}

TEST_F(StrataCloud, Serve_SecondOneOnTheSameDirectory_IsRefused) {
  ASSERT_EQ(Run({"init", "--data", data_}), 0);
  Program server(Serve(), output_);
  ASSERT_NE(WaitUntilReady(), "");
  Program second(Serve(), root_ + "/second");
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_NE(ReadText(root_ + "/second.err").find("in use"), std::string::npos);
  server.Signal(SIGINT);
  EXPECT_EQ(server.Wait(), 0);
}

TEST_F(StrataCloud, Serve_PlainHttp_IsForLoopbackOnly) {
  ASSERT_EQ(Run({"init", "--data", data_}), 0);
  EXPECT_EQ(Run({"serve", "--data", data_, "--plain-http", "--listen", "0.0.0.0:0"}), 2);
  EXPECT_NE(Errors().find("loopback"), std::string::npos);
  Program server(Serve({"--plain-http"}), output_);
  EXPECT_EQ(WaitUntilReady().substr(0, 23), "ready http://127.0.0.1:");
  EXPECT_TRUE(StartsWith(ReadText(data_ + "/account.env"), "STRATA_URL=http://"));
}

/// The value of a line `NAME=value`.
std::string Setting(const std::string& env, const std::string& name) {
  const std::size_t at = env.find(name + "=");
  const std::size_t begin = at + name.size() + 1;
  return at == std::string::npos ? "" : env.substr(begin, env.find('\n', begin) - begin);
}

TEST_F(StrataCloud, Accounts_CreateAndList_TokenIsInAPrivateFileAndNowhereElse) {
  ASSERT_EQ(Run({"init", "--data", data_}), 0);
  ASSERT_EQ(Run({"accounts", "create", "--data", data_, "--name", "Team blue"}), 0) << Errors();
  const std::string path = Output().substr(Output().find("token: ") + 7, data_.size() + 39);
  const std::string env = ReadText(path);
  const std::string token = Setting(env, "STRATA_AUTH_TOKEN");
  ASSERT_EQ(token.size(), 32U) << path;
  EXPECT_EQ(path, data_ + "/" + Setting(env, "STRATA_ACCOUNT_SID") + ".env");
  EXPECT_EQ(Setting(env, "STRATA_URL"), "https://127.0.0.1:8443");
  EXPECT_EQ(Setting(env, "STRATA_CA_FILE"), data_ + "/ca.pem");
  EXPECT_EQ(Output().find(token), std::string::npos);

  struct stat info {};

  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  ASSERT_EQ(Run({"accounts", "list", "--data", data_}), 0);
  const std::string list = Output();
  EXPECT_EQ(std::count(list.begin(), list.end(), '\n'), 2);
  EXPECT_TRUE(StartsWith(list, Setting(env, "STRATA_ACCOUNT_SID") + "\t"));
  EXPECT_NE(list.find("Z\tTeam blue\n"), std::string::npos) << list;
}

TEST_F(StrataCloud, Accounts_ResetToken_ReplacesItWhereItWas) {
  ASSERT_EQ(Run({"init", "--data", data_}), 0);
  const std::string before = ReadText(data_ + "/account.env");
  const std::string sid = Setting(before, "STRATA_ACCOUNT_SID");
  Program server(Serve(), root_ + "/server");
  ASSERT_EQ(Run({"accounts", "reset-token", "--data", data_, "--account", sid}), 0) << Errors();
  const std::string after = ReadText(data_ + "/account.env");
  EXPECT_EQ(Setting(after, "STRATA_ACCOUNT_SID"), sid);
  EXPECT_EQ(Setting(after, "STRATA_AUTH_TOKEN").size(), 32U);
  EXPECT_NE(Setting(after, "STRATA_AUTH_TOKEN"), Setting(before, "STRATA_AUTH_TOKEN"));
  const std::string own = root_ + "/own.env";
  const std::vector<std::string> into_own = {
      "accounts", "reset-token", "--data", data_, "--account", sid, "--env", own};
  ASSERT_EQ(Run(into_own), 0) << Errors();
  ASSERT_EQ(Run(into_own), 0) << "the file is this account's";
}

TEST_F(StrataCloud, Accounts_WrongUse_SaysWhatIsRight) {
  EXPECT_EQ(Run({"accounts", "list", "--data", data_}), 1);
  EXPECT_NE(Errors().find("strata-cloud init"), std::string::npos);
  ASSERT_EQ(Run({"init", "--data", data_}), 0);
  EXPECT_EQ(Run({"accounts", "create", "--data", data_, "--env", data_ + "/account.env"}), 1);
  EXPECT_EQ(Run({"accounts", "create", "--data", data_, "--name", std::string(65, 'x')}), 2);
  EXPECT_EQ(Run({"accounts", "reset-token", "--data", data_, "--account", "AC1"}), 2);
  const std::string nobody = "AC" + std::string(32, '0');
  EXPECT_EQ(Run({"accounts", "reset-token", "--data", data_, "--account", nobody}), 1);
  EXPECT_NE(Errors().find("accounts list"), std::string::npos);
  const std::string mine = data_ + "/account.env";
  EXPECT_EQ(Run({"accounts", "reset-token", "--data", data_, "--account", nobody, "--env", mine}),
            1);
  EXPECT_NE(Errors().find("not this account's"), std::string::npos);
}

TEST_F(StrataCloud, Serve_LimitsThatMakeNoSense_AreWrongUsage) {
  ASSERT_EQ(Run({"init", "--data", data_}), 0);
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--max-bundle-bytes", "67108865"},
                                             {"--max-bundle-bytes", "0"},
                                             {"--max-header-bytes", "10"},
                                             {"--max-apps", "-1"},
                                             {"--max-app-bytes", "-1"},
                                             {"--scrub-bytes", "-1"},
                                             {"--max-app-bytes", "99999999999999999999"},
                                             {"--max-body-bytes", "many"},
                                             {"--api-rate", "-1"}}) {
    EXPECT_EQ(Run(Serve(wrong)), 2) << wrong[0] << " " << wrong[1];
  }
  Program server(Serve({"--max-apps", "0", "--api-rate", "0", "--max-bundle-bytes", "67108864"}),
                 output_);
  EXPECT_NE(WaitUntilReady(), "") << Errors();
}

}  // namespace
}  // namespace strata::cloud
