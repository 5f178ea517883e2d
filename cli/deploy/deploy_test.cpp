// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "strata/format/bundle/reader.hpp"

#include "support/files.hpp"
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

/// A project whose "cmake" puts a program where a build would.
class Deploy : public TestBed {
 protected:
  Deploy() {
    SignInByEnvironment();
    dir_ = fs::canonical(dir_);
    fs::create_directory(dir_ / "demo");
    static_cast<void>(Write("demo/CMakeLists.txt", ""));
    on_program_ = [this](const Words& words) {
      if (words.at(1) == "-S") {
        fs::create_directories(dir_ / "demo/build/App");
        fs::create_directories(dir_ / "demo/build/CMakeFiles/3.25");
        static_cast<void>(Write("demo/build/CMakeCache.txt", ""));
        static_cast<void>(Write("demo/build/CMakeFiles/3.25/CMakeDetermine.bin", "x"));
      } else {
        static_cast<void>(Write("demo/build/App/thing.bin", std::string(5000, 'a')));
      }
      return build_result_;
    };
  }

  void AnswerDeployment() {
    cloud_.Answer(200, R"({"sid":"UV1","unique_name":"board","hardware_type":"mps2-an505"})");
    cloud_.Answer(201, R"({"sid":"KA1"})");
    cloud_.Answer(200, R"({"sid":"UV1","app":{"deployment_id":"d1","update_status":"pending"}})");
    cloud_.Answer(
        200,
        R"({"sid":"UV1","app":{"deployment_id":"d1","update_status":"up-to-date","reported_sid":"KA1"}})");
  }

  int RunDeploy(const Words& more) {
    Words arguments{"deploy", Path("demo"), "--unsigned"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }

  [[nodiscard]] bundle::AppBody BundleBody() const {
    const auto source = OpenBundleFile(dir_ / "demo/build/App/demo.zip");
    EXPECT_TRUE(source.ok());
    const auto reader = bundle::BundleReader::Open(*source.value());
    EXPECT_TRUE(reader.ok());
    return reader->body();
  }

  int build_result_ = 0;
};

TEST_F(Deploy, AllSteps_InTheirOrderWithTheOriginalsWords) {
  AnswerDeployment();
  ASSERT_EQ(RunDeploy({"--device-sid", "board"}), 0) << err_;
  const std::string source = Path("demo");
  EXPECT_THAT(programs_,
              ElementsAre(Words{"cmake", "-S", source, "-B", source + "/build"},
                          Words{"cmake", "--build", source + "/build"}));
  const std::string zip = source + "/build/App/demo.zip";
  EXPECT_THAT(err_,
              testing::StartsWith("Bundling demo...\nUploading " + zip +
                                  "...\nAssigning app KA1 to device UV1...\n"));
  EXPECT_THAT(err_, HasSubstr("Confirmed: UV1 runs KA1"));
  ASSERT_EQ(cloud_.requests.size(), 4U);
  EXPECT_EQ(cloud_.requests[0].path, "/v1/Devices/board");
  EXPECT_EQ(cloud_.requests[1].upload->file, zip);
  EXPECT_EQ(cloud_.requests[2].path, "/v1/Devices/UV1");
  EXPECT_EQ(cloud_.requests[2].form, (Fields{{"TargetApp", "KA1"}}));
  EXPECT_EQ(out_, "App SID  Device SID  Update Status\nKA1      UV1         up-to-date\n");
  EXPECT_EQ(BundleBody().hardware_type, "mps2-an505") << "the device's, as none was named";
}

TEST_F(Deploy, TheOriginalsSpelling_WithDeviceOfTheEnvironmentAndTextOutput) {
  env_["MV_DEVICE_SID"] = "UV1";
  AnswerDeployment();
  ASSERT_EQ(Run({"microvisor:deploy", Path("demo"), "--unsigned", "--output", "text"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.at(0).path, "/v1/Devices/UV1");
}

TEST_F(Deploy, BuildOnly_NeedsNoDeviceAndNoCloud) {
  ASSERT_EQ(RunDeploy({"-b"}), 0) << err_;
  EXPECT_TRUE(cloud_.requests.empty());
  EXPECT_EQ(out_, "Bundle\n" + Path("demo") + "/build/App/demo.zip\n");
  EXPECT_EQ(BundleBody().hardware_type, "stm32u585");
}

TEST_F(Deploy, ProgramOfAnotherDirectory_LeavesThatAsItIs) {
  fs::create_directory(dir_ / "else");
  const std::string rom = Write("else/rom.bin", std::string(5000, 'a'));
  ASSERT_EQ(RunDeploy({"-b", "--rom", rom}), 0) << err_;
  EXPECT_EQ(out_, "Bundle\n" + Path("demo") + "/build/demo.zip\n");
  EXPECT_FALSE(fs::exists(dir_ / "else/demo.zip"));
  ASSERT_EQ(RunDeploy({"-b", "--rom", rom, "--bundle-out", Path("mine.zip")}), 0) << err_;
  EXPECT_TRUE(fs::exists(dir_ / "mine.zip"));
}

TEST_F(Deploy, BuildOnlyForANamedDevice_IsForItsHardware) {
  env_["STRATA_DEVICE_SID"] = "board";
  cloud_.Answer(200, R"({"sid":"UV1","hardware_type":"mps2-an505"})");
  ASSERT_EQ(RunDeploy({"--build"}), 0) << err_;
  EXPECT_EQ(BundleBody().hardware_type, "mps2-an505");
  ASSERT_EQ(RunDeploy({"--build", "--hardware", "stm32u585"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.size(), 1U) << "the hardware is known: nobody is asked";
}

TEST_F(Deploy, DeployOnly_BuildsNothing) {
  ASSERT_EQ(RunDeploy({"-b"}), 0) << err_;
  programs_.clear();
  AnswerDeployment();
  ASSERT_EQ(RunDeploy({"-d", "--devicesid", "board", "--no-wait"}), 0) << err_;
  EXPECT_TRUE(programs_.empty());
  EXPECT_EQ(cloud_.requests.size(), 3U);
}

TEST_F(Deploy, SecondBuildAndClean_ConfigureOnlyWhenNeeded) {
  ASSERT_EQ(RunDeploy({"-b"}), 0) << err_;
  programs_.clear();
  ASSERT_EQ(RunDeploy({"-b"}), 0) << err_;
  EXPECT_EQ(programs_.size(), 1U);
  programs_.clear();
  ASSERT_EQ(RunDeploy({"-b", "--clean", "--cmake-option=-DX=1"}), 0) << err_;
  ASSERT_EQ(programs_.size(), 2U);
  EXPECT_EQ(programs_[0].at(5), "--fresh");
  EXPECT_EQ(programs_[0].at(6), "-DX=1");
  EXPECT_EQ(programs_[1].back(), "--clean-first");
}

TEST_F(Deploy, BuildFails_NothingIsUploaded) {
  build_result_ = 2;
  AnswerDeployment();
  EXPECT_EQ(RunDeploy({"--device-sid", "board"}), 10);
  EXPECT_THAT(err_, HasSubstr("exit code 2"));
  EXPECT_EQ(cloud_.requests.size(), 1U);
}

TEST_F(Deploy, UnknownDevice_NothingIsBuilt) {
  cloud_.Answer(404, R"({"code":20404,"message":"no such device","status":404})");
  EXPECT_EQ(RunDeploy({"--device-sid", "nobody"}), 20);
  EXPECT_TRUE(programs_.empty());
}

TEST_F(Deploy, SeveralProgramsOrNone_AreSaid) {
  ASSERT_EQ(RunDeploy({"-b"}), 0) << err_;
  static_cast<void>(Write("demo/build/other.bin", "x"));
  EXPECT_EQ(RunDeploy({"-b"}), 10);
  EXPECT_THAT(err_, HasSubstr("other.bin"));
  EXPECT_THAT(err_, HasSubstr("--rom FILE"));
  EXPECT_EQ(RunDeploy({"-b", "--rom", Path("demo/build/App/thing.bin")}), 0) << err_;
  fs::remove_all(dir_ / "demo/build");
  on_program_ = {};
  EXPECT_EQ(RunDeploy({"-b"}), 10);
  EXPECT_THAT(err_, HasSubstr("made no .elf"));
}

TEST_F(Deploy, GenKeys_MakesThemOnceAndTheBundleHoldsThePublicOne) {
  ASSERT_EQ(RunDeploy({"-b", "--genkeys"}), 0) << err_;
  const fs::path key = dir_ / "demo/build/debug_auth_prv_key.pem";
  EXPECT_EQ(ModeOf(key), 0600U);
  EXPECT_TRUE(BundleBody().debug_auth_key);
  const std::string first = Read(key);
  ASSERT_EQ(RunDeploy({"-b", "--genkeys"}), 0) << err_;
  EXPECT_EQ(Read(key), first);
  ASSERT_EQ(RunDeploy({"-b", "--publickey", Path("demo/build/debug_auth_pub_key.pem")}), 0) << err_;
  EXPECT_TRUE(BundleBody().debug_auth_key);
  ASSERT_EQ(RunDeploy({"-b"}), 0) << err_;
  EXPECT_FALSE(BundleBody().debug_auth_key);
}

TEST_F(Deploy, WrongWords_AreUsageErrors) {
  EXPECT_EQ(RunDeploy({}), 1);
  EXPECT_THAT(err_, HasSubstr("--device-sid"));
  EXPECT_EQ(RunDeploy({"-b", "-d"}), 1);
  EXPECT_EQ(RunDeploy({"-b", "--privatekey", "x"}), 1);
  EXPECT_EQ(Run({"deploy", Path("none"), "-b"}), 10);
  EXPECT_TRUE(cloud_.requests.empty());
}

class DebugKeys : public TestBed {};

TEST_F(DebugKeys, GenerateKeypair_WritesBothFilesAndReplacesOnlyWhenForced) {
  const Words command{"microvisor:debug:generate_keypair",
                      "--debug-auth-privkey",
                      Path("d.pem"),
                      "--debug-auth-pubkey",
                      Path("d.pub")};
  ASSERT_EQ(Run(command), 0) << err_;
  EXPECT_EQ(ModeOf(Path("d.pem")), 0600U);
  EXPECT_THAT(Read(Path("d.pub")), HasSubstr("BEGIN PUBLIC KEY"));
  const std::string first = Read(Path("d.pem"));
  EXPECT_EQ(Run(command), 10);
  EXPECT_EQ(Read(Path("d.pem")), first);
  Words forced = command;
  forced.emplace_back("--force");
  ASSERT_EQ(Run(forced), 0);
  EXPECT_NE(Read(Path("d.pem")), first);
  EXPECT_EQ(Run({"debug",
                 "generate-keypair",
                 "--debug-auth-privkey",
                 Path("e"),
                 "--debug-auth-pubkey",
                 Path("e")}),
            10);
  EXPECT_FALSE(fs::exists(Path("e")));
}

TEST(RunProgram, ExitCodesSignalsAndMissingPrograms_AreTold) {
  EXPECT_EQ(RunProgram({"true"}, true).value(), 0);
  EXPECT_EQ(RunProgram({"sh", "-c", "exit 7"}, true).value(), 7);
  EXPECT_EQ(RunProgram({"sh", "-c", "kill -9 $$"}, true).value(), 137);
  const auto missing = RunProgram({"no-such-program-anywhere"}, true);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, static_cast<int>(Code::kNotFound));
}

constexpr const char* kLogEvent =
    "id: 5\ndata: {\"id\":5,\"timestamp\":\"2026-01-31T12:34:56.000001Z\",\"type\":\"ota_update\","
    "\"text\":\"COMPLETE\"}\n\n";
constexpr const char* kRevoked = R"({"code":20003,"message":"no","status":401})";

TEST_F(Deploy, Log_IsFollowedFromBeforeTheDeployment) {
  cloud_.Answer(200, R"({"sid":"UV1","hardware_type":"mps2-an505"})");
  cloud_.Answer(201, R"({"sid":"KA1"})");
  cloud_.Answer(200, R"({"logs":[{"id":4}]})");
  cloud_.Answer(200, R"({"sid":"UV1","app":{"deployment_id":"d1","update_status":"pending"}})");
  cloud_.Answer(
      200,
      R"({"sid":"UV1","app":{"deployment_id":"d1","update_status":"up-to-date","reported_sid":"KA1"}})");
  cloud_.Answer(200, kLogEvent);
  cloud_.Answer(401, kRevoked);
  EXPECT_EQ(RunDeploy({"--device-sid", "board", "--log"}), 20) << "until it is interrupted";
  EXPECT_EQ(cloud_.requests[3].form, (Fields{{"TargetApp", "KA1"}, {"LoggingEnabled", "true"}}));
  EXPECT_EQ(cloud_.requests[5].path, "/v1/Devices/UV1/Logs/Stream");
  EXPECT_EQ(cloud_.requests[5].headers, (Fields{{"Last-Event-ID", "4"}}));
  EXPECT_THAT(err_, HasSubstr("Logging from UV1...\n"));
  EXPECT_THAT(out_, HasSubstr("2026-01-31T12:34:56.000001Z [ota_update]  COMPLETE\n"));
}

TEST_F(Deploy, Log_OfAnUpdateThatFails_IsShownUpToNow) {
  cloud_.Answer(200, R"({"sid":"UV1","hardware_type":"mps2-an505"})");
  cloud_.Answer(201, R"({"sid":"KA1"})");
  cloud_.Answer(200, R"({"logs":[]})");
  cloud_.Answer(
      200,
      R"({"sid":"UV1","app":{"deployment_id":"d1","update_status":"error","update_error_code":503}})");
  cloud_.Answer(
      200,
      R"({"sid":"UV1","app":{"deployment_id":"d1","update_status":"error","update_error_code":503}})");
  cloud_.Answer(200, kLogEvent);
  EXPECT_NE(RunDeploy({"--device-sid", "board", "--log"}), 0);
  EXPECT_EQ(cloud_.requests.back().path, "/v1/Devices/UV1/Logs/Stream?Follow=false");
  EXPECT_THAT(out_, HasSubstr("COMPLETE"));
}

TEST_F(Deploy, LogOnly_BuildsAndDeploysNothing) {
  cloud_.Answer(200, R"({"logs":[]})");
  cloud_.Answer(200, "{}");
  cloud_.Answer(200, kLogEvent);
  cloud_.Answer(401, kRevoked);
  EXPECT_EQ(RunDeploy({"--device-sid", "board", "--log-only"}), 20);
  EXPECT_TRUE(programs_.empty());
  EXPECT_THAT(out_, HasSubstr("COMPLETE"));
  EXPECT_NE(RunDeploy({"--device-sid", "board", "--log", "--build"}), 0);
}

}  // namespace
}  // namespace strata::cli
