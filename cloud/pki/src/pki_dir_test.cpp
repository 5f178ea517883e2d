// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/pki/pki_dir.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace strata::cloud::pki {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

class PkiDirTest : public ::testing::Test {
 protected:
  PkiDirTest() {
    char name[] = "/tmp/strata-pki-XXXXXX";
    root_ = mkdtemp(name);
    path_ = root_ + "/pki";
  }

  ~PkiDirTest() override { std::filesystem::remove_all(root_); }

  std::string root_;
  std::string path_;
  std::vector<std::string> names_ = {"localhost", "127.0.0.1"};
};

TEST_F(PkiDirTest, Create_NewDirectory_KeepsEveryFileToItsOwner) {
  ASSERT_TRUE(PkiDir::Create(path_, names_, kNow).ok());
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    struct stat info {};

    ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 7);
}

TEST_F(PkiDirTest, Create_ExistingDirectory_IsRefused) {
  std::filesystem::create_directory(path_);
  EXPECT_EQ(PkiDir::Create(path_, names_, kNow).error().code, Code::kAlreadyExists);
}

TEST_F(PkiDirTest, Open_FreshDirectory_GivesWhatWasMade) {
  const auto made = PkiDir::Create(path_, names_, kNow);
  const auto opened = PkiDir::Open(path_, kNow);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->server().certificate_pem, made->server().certificate_pem);
  EXPECT_EQ(opened->server_ca_pem(), made->server_ca_pem());
  EXPECT_EQ(opened->device_ca().key_pem, made->device_ca().key_pem);
}

TEST_F(PkiDirTest, Open_ServerCertificateNearItsEnd_IssuesItAgainUnderTheSameCa) {
  const auto made = PkiDir::Create(path_, names_, kNow);
  const std::int64_t later = kNow + kServerCertificateDays * 86400 - kRenewBeforeSeconds + 1;
  const auto opened = PkiDir::Open(path_, later);
  ASSERT_TRUE(opened.ok());
  EXPECT_NE(opened->server().certificate_pem, made->server().certificate_pem);
  EXPECT_EQ(opened->server_ca_pem(), made->server_ca_pem());
  EXPECT_EQ(*NotAfter(opened->server().certificate_pem), later + kServerCertificateDays * 86400);
  EXPECT_EQ(PkiDir::Open(path_, later)->server().certificate_pem, opened->server().certificate_pem);
}

TEST_F(PkiDirTest, Open_ServerCertificateFromAClockThatWasAhead_IssuesItAgain) {
  ASSERT_TRUE(PkiDir::Create(path_, names_, kNow).ok());
  const std::int64_t before = kNow - 400 * 86400;
  const auto opened = PkiDir::Open(path_, before);
  ASSERT_TRUE(opened.ok());
  EXPECT_LE(*NotBefore(opened->server().certificate_pem), before);
  EXPECT_EQ(PkiDir::Open(path_, before)->server().certificate_pem,
            opened->server().certificate_pem);
}

TEST_F(PkiDirTest, RequestReissue_IsDoneOnceByTheNextOpen) {
  const auto made = PkiDir::Create(path_, names_, kNow);
  ASSERT_TRUE(PkiDir::RequestReissue(path_, {}).ok());
  const auto opened = PkiDir::Open(path_, kNow);
  ASSERT_TRUE(opened.ok());
  EXPECT_NE(opened->server().key_pem, made->server().key_pem);
  EXPECT_EQ(opened->server_ca_pem(), made->server_ca_pem());
  EXPECT_EQ(PkiDir::Open(path_, kNow)->server().key_pem, opened->server().key_pem);
}

TEST_F(PkiDirTest, RequestReissue_NewNamesStayAndBadOnesChangeNothing) {
  ASSERT_TRUE(PkiDir::Create(path_, names_, kNow).ok());
  const std::vector<std::string> bad = {"strata.example.com,DNS:evil"};
  EXPECT_EQ(PkiDir::RequestReissue(path_, bad).error().code, Code::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(path_ + "/server.reissue"));
  const std::vector<std::string> names = {"strata.example.com"};
  ASSERT_TRUE(PkiDir::RequestReissue(path_, names).ok());
  ASSERT_TRUE(PkiDir::Open(path_, kNow).ok());
  std::ifstream file(path_ + "/server.names");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "strata.example.com\n");
}

TEST_F(PkiDirTest, Open_KeyOfAnInterruptedRenewal_IsRepaired) {
  ASSERT_TRUE(PkiDir::Create(path_, names_, kNow).ok());
  std::filesystem::copy_file(path_ + "/device-ca.key",
                             path_ + "/server.key",
                             std::filesystem::copy_options::overwrite_existing);
  const auto opened = PkiDir::Open(path_, kNow);
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(Matches(opened->server()));
}

TEST_F(PkiDirTest, SwitchServerCa_ReplacesTheCaAndTheServersCertificateOnly) {
  const auto made = PkiDir::Create(path_, names_, kNow);
  EXPECT_EQ(PkiDir::SwitchServerCa(path_).error().code, Code::kNotFound) << "not prepared";
  const auto next = PkiDir::PrepareServerCa(path_, kNow);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(*PkiDir::PrepareServerCa(path_, kNow + 5), *next) << "once";
  EXPECT_EQ(PkiDir::Open(path_, kNow)->server_ca_pem(), made->server_ca_pem()) << "not yet used";
  const auto used = PkiDir::SwitchServerCa(path_);
  ASSERT_TRUE(used.ok());
  EXPECT_EQ(*used, *next);
  const auto opened = PkiDir::Open(path_, kNow);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->server_ca_pem(), *next);
  EXPECT_TRUE(IsIssuedBy(opened->server().certificate_pem, *next));
  EXPECT_FALSE(IsIssuedBy(opened->server().certificate_pem, made->server_ca_pem()));
  EXPECT_EQ(opened->device_ca().key_pem, made->device_ca().key_pem);
  EXPECT_EQ(PkiDir::Open(path_, kNow)->server().certificate_pem, opened->server().certificate_pem);
  EXPECT_EQ(PkiDir::SwitchServerCa(path_).error().code, Code::kNotFound) << "done";
}

TEST_F(PkiDirTest, SwitchServerCa_Interrupted_IsNoticedAndCompletedByAnotherCall) {
  ASSERT_TRUE(PkiDir::Create(path_, names_, kNow).ok());
  const auto next = PkiDir::PrepareServerCa(path_, kNow);
  std::filesystem::copy_file(path_ + "/server-ca.next.key",
                             path_ + "/server-ca.key",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(PkiDir::Open(path_, kNow).error().code, Code::kMalformed);
  ASSERT_TRUE(PkiDir::SwitchServerCa(path_).ok());
  EXPECT_EQ(PkiDir::Open(path_, kNow)->server_ca_pem(), *next);
}

TEST_F(PkiDirTest, Open_MissingFile_SaysNotFound) {
  ASSERT_TRUE(PkiDir::Create(path_, names_, kNow).ok());
  std::filesystem::remove(path_ + "/device-ca.key");
  EXPECT_EQ(PkiDir::Open(path_, kNow).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace strata::cloud::pki
