// SPDX-License-Identifier: Apache-2.0
#include "renewal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "credentials_for_test.hpp"
#include "pem_keys.hpp"

namespace strata::device {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(RenewalDue, FromTwoThirdsOn_NeverBeforeItsBegin) {
  const Validity year{1'000, 1'000 + 300};
  EXPECT_FALSE(IsDue(year, 0));
  EXPECT_FALSE(IsDue(year, 1'199));
  EXPECT_TRUE(IsDue(year, 1'200));
  EXPECT_TRUE(IsDue(year, 10'000));
}

class RenewalTest : public ::testing::Test {
 protected:
  RenewalTest() {
    MakeAuthority(dir_, "authority");
    MakeCertificate(dir_, "identity", "authority");
    before_ = dir_.Read("identity.crt");
  }

  std::filesystem::path File(const std::string& name) { return dir_.path() / name; }

  /// A certificate of NAME's key, DER, good for some days.
  std::string Issue(const std::string& name, int days) {
    OpenSsl(dir_,
            "x509 -req -in " + name + ".csr -CA authority.crt -CAkey authority.pem -days " +
                std::to_string(days) + " -outform DER -out issued.der");
    return dir_.Read("issued.der");
  }

  Code Replace(const std::string& der) {
    const Outcome replaced =
        ReplaceCertificate(File("identity.crt"), File("identity.pem"), AsBytes(der), End());
    return replaced.ok() ? Code::kOk : replaced.failure().error.code;
  }

  Renewal Make(Renewal::Ask ask) {
    return Renewal(File("identity.crt"), File("identity.pem"), std::move(ask), log_);
  }

  /// Signs whatever is asked for, as the cloud does.
  Result<std::size_t> Cloud(ByteSpan request, MutableByteSpan answer) {
    ++asked_;
    if (failure_) {
      return *failure_;
    }
    dir_.Write("asked.der", std::string(AsText(request)));
    OpenSsl(dir_, "req -inform DER -in asked.der -verify -out identity.csr");
    const std::string der = Issue("identity", days_);
    std::copy(der.begin(), der.end(), answer.begin());
    return der.size();
  }

  std::int64_t End() { return ReadValidity(File("identity.crt"))->end; }

  TempDir dir_;
  std::string before_;
  Log log_{-1};
  int asked_ = 0;
  int days_ = 300;
  std::optional<Error> failure_;
  Renewal::Ask cloud_ = [this](ByteSpan request, MutableByteSpan answer) {
    return Cloud(request, answer);
  };
  Renewal::SteadyTime steady_{hours(1)};
};

TEST_F(RenewalTest, Due_GetsANewCertificateForTheSameKey) {
  Renewal renewal = Make(cloud_);
  const std::int64_t end = End();
  EXPECT_FALSE(renewal.Step(end - 80'000, steady_, false));
  EXPECT_EQ(asked_, 0);
  EXPECT_TRUE(renewal.Step(end + 315'360'000, steady_, false)) << "ten years too late";
  EXPECT_EQ(asked_, 1);
  EXPECT_GT(End(), end + 86'400 * 200);
  PrivateKey scalar{};
  EXPECT_EQ(*ReadCertificateKeyPem(File("identity.crt")),
            *ReadPrivateKeyPem(File("identity.pem"), scalar));

  struct stat info {};

  ASSERT_EQ(::stat(File("identity.crt").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_FALSE(std::filesystem::exists(File("identity.crt.new")));
  EXPECT_FALSE(renewal.Step(end, steady_ + hours(2), false)) << "it is fresh";
}

TEST_F(RenewalTest, Refused_RenewsWhateverTheClockSays_ButNotInACircle) {
  Renewal renewal = Make(cloud_);
  EXPECT_TRUE(renewal.Step(0, steady_, true));
  for (int second = 1; second < 3'600; ++second) {
    renewal.Step(0, steady_ + seconds(second), true);
  }
  EXPECT_LT(asked_, 12);
  EXPECT_GT(asked_, 5);
}

TEST_F(RenewalTest, EarlierEnd_IsTakenOnlyForACertificateThatTheCloudRefused) {
  days_ = 0;  // the present one was issued while the cloud's clock was ahead
  Renewal renewal = Make(cloud_);
  EXPECT_FALSE(renewal.Step(End() + 1, steady_, false));
  EXPECT_EQ(dir_.Read("identity.crt"), before_);
  EXPECT_TRUE(renewal.Step(0, steady_ + hours(2), true));
  EXPECT_NE(dir_.Read("identity.crt"), before_);
}

TEST_F(RenewalTest, Failure_IsTriedAgainWithGrowingPausesAndLeavesTheOldOne) {
  failure_ = Fail(Code::kCloudUnreachable, Op::kReport);
  Renewal renewal = Make(cloud_);
  const std::int64_t late = End() + 1;
  for (int second = 0; second < 3'600; ++second) {
    EXPECT_FALSE(renewal.Step(late, steady_ + seconds(second), false));
  }
  EXPECT_LT(asked_, 12);
  EXPECT_GT(asked_, 5);
  EXPECT_EQ(dir_.Read("identity.crt"), before_);
  failure_.reset();
  EXPECT_TRUE(renewal.Step(late, steady_ + hours(3), false));
}

TEST_F(RenewalTest, AnswerThatIsNotItsCertificate_IsNotTaken) {
  MakeCertificate(dir_, "other", "authority");
  EXPECT_EQ(Replace("junk"), Code::kCloudProtocol);
  EXPECT_EQ(Replace(""), Code::kCloudProtocol);
  EXPECT_EQ(Replace(Issue("other", 300)), Code::kCloudProtocol);
  EXPECT_EQ(Replace(Issue("identity", 300) + "x"), Code::kCloudProtocol);
  OpenSsl(dir_,
          "x509 -req -in identity.csr -CA authority.crt -CAkey authority.pem -days 0 "
          "-outform DER -out issued.der");
  EXPECT_EQ(Replace(dir_.Read("issued.der")), Code::kCloudProtocol);
  EXPECT_EQ(dir_.Read("identity.crt"), before_);
  EXPECT_FALSE(std::filesystem::exists(File("identity.crt.new")));
  EXPECT_EQ(Replace(Issue("identity", 300)), Code::kOk);
}

TEST_F(RenewalTest, DirectoryThatCannotBeWritten_KeepsTheOldCertificate) {
  std::filesystem::create_directory(File("identity.crt.new"));
  EXPECT_NE(Replace(Issue("identity", 300)), Code::kOk);
  EXPECT_EQ(dir_.Read("identity.crt"), before_);
}

TEST_F(RenewalTest, Request_OfAKeyFileThatIsOpenToOthers_IsNotMade) {
  EXPECT_TRUE(MakeRenewalRequest(File("identity.pem")).ok());
  ::chmod(File("identity.pem").c_str(), 0644);
  const auto request = MakeRenewalRequest(File("identity.pem"));
  ASSERT_FALSE(request.ok());
  EXPECT_THAT(request.failure().message, HasSubstr("chmod 600"));
}

}  // namespace
}  // namespace strata::device
