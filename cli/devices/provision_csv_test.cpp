// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "strata/format/bundle/keys.hpp"

#include "devices/certify_test.hpp"
#include "support/csr.hpp"
#include "support/csv.hpp"
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class ProvisionCsv : public TestBed {
 protected:
  ProvisionCsv() {
    SignInByEnvironment();
    cloud_.handler = [this](const HttpRequest& request) { return Answer(request); };
  }

  Expected<HttpResponse> Answer(const HttpRequest& request) {
    const std::string name = FormValue(request, "UniqueName");
    if (asked_.size() == fail_at_) {
      return Local(Code::kCloudUnreachable, "gone");
    }
    asked_.push_back(name);
    if (name == "taken") {
      return HttpResponse{409, R"({"code":20409,"message":"it is taken","status":409})"};
    }
    const std::string certificate = Escaped(Certify(FormValue(request, "Csr")));
    return HttpResponse{201,
                        R"({"sid":"UV00112233445566778899aabbccddeeff","unique_name":")" + name +
                            R"(","certificate":")" + certificate + R"(","ca_certificate":")" +
                            certificate + R"(","device_url":"https://127.0.0.1:9443"})"};
  }

  static std::string NewCsr() {
    const auto key = std::move(bundle::PrivateKey::Generate()).value();
    return MakeCertificateRequest(key.ToPem().value()).value();
  }

  int RunCsv(const std::string& text) {
    return Run({"devices", "provision", "--csv", Write("devices.csv", text), "--out", Path("out")});
  }

  /// Cells of results.csv but for its heading.
  std::vector<std::vector<std::string>> Results() {
    std::vector<std::vector<std::string>> rows;
    for (const CsvRow& row : ParseCsv(Read(dir_ / "out/results.csv")).rows) {
      rows.push_back(row.cells);
    }
    rows.erase(rows.begin());
    return rows;
  }

  std::vector<std::string> asked_;
  std::size_t fail_at_ = 1'000'000;
};

TEST_F(ProvisionCsv, EachRow_GetsItsCertificateAndItsResult) {
  static_cast<void>(Write("a.csr", NewCsr()));
  ASSERT_EQ(RunCsv("csr,unique_name,tags,colour\na.csr,board-1,x;y,red\n\"" + NewCsr() +
                   "\",board-2,,\n"),
            0)
      << err_;
  EXPECT_THAT(asked_, ElementsAre("board-1", "board-2"));
  EXPECT_EQ(FormValue(cloud_.requests[0], "Tags"), "x,y");
  EXPECT_EQ(FormValue(cloud_.requests[0], "Hardware"), "stm32u585");
  EXPECT_TRUE(CheckCertificateAnswers(Read(dir_ / "out/board-1.crt"), Read(dir_ / "a.csr")).ok());
  EXPECT_TRUE(std::filesystem::exists(dir_ / "out/board-2.crt"));
  EXPECT_TRUE(std::filesystem::exists(dir_ / "out/ca.pem"));
  ASSERT_THAT(Results(), SizeIs(2));
  EXPECT_THAT(Results()[0],
              ElementsAre("2",
                          "board-1",
                          "UV00112233445566778899aabbccddeeff",
                          "board-1.crt",
                          "https://127.0.0.1:9443",
                          ""));
}

TEST_F(ProvisionCsv, BadRows_AreToldByLineAndHoldNoOtherUp) {
  static_cast<void>(Write("bad.csr", "nonsense"));
  const std::string good = "\"" + NewCsr() + "\"";
  EXPECT_EQ(RunCsv("unique_name,csr\n"
                   "../evil," +
                   good + "\n" + "taken," + good + "\n" +
                   "no-csr,\n"
                   "bad,bad.csr\n"
                   "missing,missing.csr\n"
                   "fine," +
                   good + "\n" + "fine," + good +
                   "\n"
                   "short\n"),
            10);
  EXPECT_THAT(asked_, ElementsAre("taken", "fine"));
  EXPECT_TRUE(std::filesystem::exists(dir_ / "out/fine.crt"));
  for (const char* part : {"devices.csv:2: ",
                           "devices.csv:10: taken: ",
                           "no-csr",
                           "bad",
                           "missing.csr",
                           "already",
                           "8 rows failed"}) {
    EXPECT_THAT(err_, HasSubstr(part));
  }
  EXPECT_THAT(err_, HasSubstr("7 of 8 rows"));
  EXPECT_THAT(Results(), SizeIs(8));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "evil.crt"));
}

TEST_F(ProvisionCsv, Again_DoesOnlyWhatIsNotDone) {
  const std::string first = NewCsr();
  const std::string text =
      "unique_name,csr\na,\"" + first + "\"\nb,\"" + NewCsr() + "\"\nc,\"" + NewCsr() + "\"\n";
  fail_at_ = 2;
  EXPECT_EQ(RunCsv(text), 60) << "the cloud went away";
  EXPECT_THAT(Results(), SizeIs(2));
  fail_at_ = 1'000'000;
  asked_.clear();
  ASSERT_EQ(RunCsv(text), 0) << err_;
  EXPECT_THAT(asked_, ElementsAre("c"));
  ASSERT_THAT(Results(), SizeIs(3));
  EXPECT_EQ(Results()[2][1], "c");
  // A certificate that is gone, or for another key than the row's, is made again.
  asked_.clear();
  std::filesystem::remove(dir_ / "out/a.crt");
  static_cast<void>(Write("out/b.crt", Read(dir_ / "out/c.crt")));
  ASSERT_EQ(RunCsv(text), 0) << err_;
  EXPECT_THAT(asked_, ElementsAre("a", "b"));
}

TEST_F(ProvisionCsv, ResultsCutShort_AreGoneOnWith) {
  const std::string text = "unique_name,csr\na,\"" + NewCsr() + "\"\nb,\"" + NewCsr() + "\"\n";
  ASSERT_EQ(RunCsv(text), 0) << err_;
  const std::string whole = Read(dir_ / "out/results.csv");
  static_cast<void>(Write("out/results.csv", whole.substr(0, whole.size() - 30)));
  asked_.clear();
  ASSERT_EQ(RunCsv(text), 0) << err_;
  EXPECT_THAT(asked_, ElementsAre("b"));
  EXPECT_EQ(Read(dir_ / "out/results.csv"), whole);
}

TEST_F(ProvisionCsv, KeyOfAnotherDevice_IsABadRow) {
  cloud_.handler = [](const HttpRequest& request) -> Expected<HttpResponse> {
    const std::string certificate = Escaped(Certify(FormValue(request, "Csr")));
    return HttpResponse{200,
                        R"({"sid":"UV00112233445566778899aabbccddeeff","unique_name":"other",)"
                        R"("certificate":")" +
                            certificate + "\"}"};
  };
  EXPECT_NE(RunCsv("unique_name,csr\na,\"" + NewCsr() + "\"\n"), 0);
  EXPECT_THAT(err_, HasSubstr("another name"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out/a.crt"));
}

TEST_F(ProvisionCsv, FileAsAWhole_ThatCannotBeRead_IsRefusedBeforeAnything) {
  for (const char* text : {"", "name,csr\na,b\n", "unique_name,csr\na,\"open\n"}) {
    EXPECT_NE(RunCsv(text), 0) << text;
    EXPECT_THAT(err_, HasSubstr("devices.csv"));
  }
  EXPECT_TRUE(asked_.empty());
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
  EXPECT_EQ(Run({"devices", "provision", "--csv", "x", "--out", "y", "--tag", "z"}), 1);
}

TEST_F(ProvisionCsv, TooManyRequests_AreWaitedOut) {
  int refused = 0;
  cloud_.handler = [&](const HttpRequest& request) -> Expected<HttpResponse> {
    if (refused++ < 3) {
      return HttpResponse{429, R"({"code":20429,"message":"slowly","status":429})"};
    }
    return Answer(request);
  };
  EXPECT_EQ(RunCsv("unique_name,csr\na,\"" + NewCsr() + "\"\n"), 0) << err_;
  EXPECT_THAT(Results(), SizeIs(1));
}

}  // namespace
}  // namespace strata::cli
