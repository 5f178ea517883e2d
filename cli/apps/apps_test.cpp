// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <openssl/evp.h>

#include "strata/format/bundle/reader.hpp"

#include "support/files.hpp"
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kApp =
    R"({"sid":"KA1","unique_name":"v1","date_created":"2026-01-02T03:04:05Z","warnings":["mind this"]})";

class Apps : public TestBed {
 protected:
  Apps() { SignInByEnvironment(); }
};

TEST_F(Apps, Create_SendsFileNameAndIdempotencyKey) {
  cloud_.Answer(201, kApp);
  const std::string file = Write("a.zip", "bytes");
  ASSERT_EQ(Run({"apps", "create", file, "v1"}), 0);
  ASSERT_EQ(cloud_.requests.size(), 1U);
  const HttpRequest& request = cloud_.requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/v1/Apps");
  EXPECT_EQ(request.upload->file, file);
  EXPECT_EQ(request.upload->fields, (Fields{{"UniqueName", "v1"}}));
  EXPECT_EQ(request.headers.at(0).first, "Idempotency-Key");
  EXPECT_EQ(request.headers.at(0).second.size(), 32U);
  EXPECT_EQ(out_, "SID  Unique Name\nKA1  v1\n");
  EXPECT_EQ(err_, "warning: mind this\n");
}

TEST_F(Apps, Create_ConnectionBreaks_TriesAgainUnderTheSameKey) {
  cloud_.answers.emplace_back(Local(Code::kCloudUnreachable, "broken off"));
  cloud_.Answer(201, kApp);
  ASSERT_EQ(Run({"apps", "create", Write("a.zip", "bytes")}), 0);
  ASSERT_EQ(cloud_.requests.size(), 2U);
  EXPECT_EQ(cloud_.requests[0].headers, cloud_.requests[1].headers);
}

TEST_F(Apps, Create_Refused_IsNotRepeatedAndGivesTheCloudsCode) {
  cloud_.Answer(
      400,
      R"({"code":65003,"message":"signer 01 is not registered; strata keys register","status":400})");
  EXPECT_EQ(Run({"microvisor:apps:create", Write("a.zip", "bytes")}), 65);
  EXPECT_EQ(cloud_.requests.size(), 1U);
  EXPECT_THAT(err_, HasSubstr("Error code 65003 from Strata: signer 01"));
}

TEST_F(Apps, Create_FileTooLarge_IsRefusedBeforeAnythingIsSent) {
  const std::string file = Write("big.zip", "");
  std::filesystem::resize_file(file, bundle::kMaxBundleBytes + 1);
  EXPECT_EQ(Run({"apps", "create", file}), 80);
  EXPECT_TRUE(cloud_.requests.empty());
}

TEST_F(Apps, Create_NoSuchFileOrADirectory_IsRefused) {
  EXPECT_EQ(Run({"apps", "create", Path("none.zip")}), 10);
  EXPECT_EQ(Run({"apps", "create", dir_.string()}), 10);
  EXPECT_TRUE(cloud_.requests.empty());
}

class BundleOut : public Apps {
 protected:
  BundleOut() {
    const std::string image = Write("rom.bin", std::string(5000, 'a'));
    EXPECT_EQ(Run({"bundle", "create", image, Path("raw.zip"), "--unsigned"}), 0) << err_;
    EXPECT_EQ(Run({"keys", "generate", "signing", "--out", Path("s.pem")}), 0);
    EXPECT_EQ(Run({"bundle", "sign", Path("raw.zip"), Path("signed.zip"), "--sign", Path("s.pem")}),
              0);
    cloud_.Answer(201, kApp);
  }

  /// What the cloud would have made of the bundle at `file`.
  void AnswerManifestOf(const std::string& file) {
    const auto source = OpenBundleFile(file);
    const auto reader = bundle::BundleReader::Open(*source.value());
    std::string text(4 * ((reader->manifest_bytes().size() + 2) / 3) + 1, '\0');
    text.resize(static_cast<std::size_t>(
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reader->manifest_bytes().data(),
                        static_cast<int>(reader->manifest_bytes().size()))));
    cloud_.Answer(200, R"({"app_sid":"KA1","encoded_bytes":")" + text + "\"}");
  }
};

TEST_F(BundleOut, IsTheUploadedBundleWithTheCloudsManifest) {
  AnswerManifestOf(Path("signed.zip"));
  ASSERT_EQ(Run({"microvisor:apps:create",
                 Path("raw.zip"),
                 "--bundle-out",
                 Path("out.zip"),
                 "-o",
                 "json"}),
            0)
      << err_;
  EXPECT_EQ(cloud_.requests.at(1).path, "/v1/Apps/KA1/Manifest");
  EXPECT_EQ(Read(Path("out.zip")), Read(Path("signed.zip")));
  EXPECT_THAT(err_, HasSubstr("Bundle written to file: " + Path("out.zip")));
  EXPECT_EQ(out_.front(), '[');
}

TEST_F(BundleOut, ManifestOfAnotherBundle_IsNotWrittenAndTheAppIsNamed) {
  const std::string image = Write("rom2.bin", std::string(5000, 'b'));
  ASSERT_EQ(Run({"bundle", "create", image, Path("other.zip"), "--unsigned"}), 0);
  AnswerManifestOf(Path("other.zip"));
  EXPECT_EQ(Run({"apps", "create", Path("raw.zip"), "--bundle-out", Path("out.zip")}), 21);
  EXPECT_THAT(err_, HasSubstr("the app is KA1, but"));
  EXPECT_FALSE(std::filesystem::exists(Path("out.zip")));
}

TEST_F(BundleOut, PlaceThatCantBeWritten_IsToldBeforeAnAppIsMade) {
  cloud_.requests.clear();
  for (const std::string& place : {Path("none/out.zip"), Path(".")}) {
    EXPECT_EQ(Run({"apps", "create", Path("raw.zip"), "--bundle-out", place}), 10) << place;
    EXPECT_EQ(err_.find("the app is"), std::string::npos);
  }
  EXPECT_TRUE(cloud_.requests.empty());
}

TEST_F(BundleOut, AnswerWithoutManifest_IsAProtocolError) {
  cloud_.Answer(200, R"({"encoded_bytes":"???"})");
  EXPECT_EQ(Run({"apps", "create", Path("raw.zip"), "--bundle-out", Path("out.zip")}), 60);
}

TEST_F(BundleOut, UploadTheCloudWantsLater_WaitsAsLongAsItSays) {
  const auto waited = [this](std::chrono::seconds retry_after) {
    cloud_.answers.clear();
    HttpResponse busy{503, R"({"code":20503,"message":"busy","status":503})"};
    busy.retry_after = retry_after;
    cloud_.answers.emplace_back(busy);
    cloud_.Answer(201, R"({"sid":"KA1"})");
    const auto began = clock_;
    EXPECT_EQ(Run({"apps", "create", Path("raw.zip")}), 0) << err_;
    return clock_ - began;
  };
  EXPECT_EQ(waited(std::chrono::seconds(7)), std::chrono::seconds(7));
  EXPECT_THAT(err_, HasSubstr("Trying again in 7 s: busy"));
  EXPECT_EQ(waited(std::chrono::seconds(3600)), std::chrono::seconds(60));
}

TEST_F(Apps, List_FollowsPagesOnItsOwnOriginUntilTheLimit) {
  cloud_.Answer(200,
                R"({"apps":[{"sid":"KA1"},{"sid":"KA2"}],)"
                R"("meta":{"next_page_url":"https://other.example/v1/Apps?PageToken=t"}})");
  cloud_.Answer(200, R"({"apps":[{"sid":"KA3"},{"sid":"KA4"}],"meta":{"next_page_url":null}})");
  ASSERT_EQ(Run({"apps", "list", "--limit", "3", "--no-header", "--properties", "sid"}), 0);
  EXPECT_EQ(out_, "KA1\nKA2\nKA3\n");
  EXPECT_EQ(cloud_.requests[0].path, "/v1/Apps?PageSize=3");
  EXPECT_EQ(cloud_.requests[1].path, "/v1/Apps?PageToken=t");
}

TEST_F(Apps, List_Default_AsksAsTheOriginalDoes) {
  cloud_.Answer(200, R"({"apps":[]})");
  ASSERT_EQ(Run({"api:microvisor:v1:apps:list"}), 0);
  EXPECT_EQ(cloud_.requests[0].path, "/v1/Apps");
  EXPECT_EQ(err_, "No results\n");
}

TEST_F(Apps, List_NoLimitWithPagesInACircle_Ends) {
  cloud_.handler = [](const HttpRequest&) -> Expected<HttpResponse> {
    return HttpResponse{200, R"({"apps":[],"meta":{"next_page_url":"/v1/Apps?PageToken=same"}})"};
  };
  EXPECT_EQ(Run({"apps", "list", "--no-limit"}), 60);
  EXPECT_EQ(cloud_.requests.size(), 2U);
}

TEST_F(Apps, Fetch_EncodesTheNameAndPrintsJson) {
  cloud_.Answer(200, kApp);
  ASSERT_EQ(Run({"apps", "fetch", "--sid", "a b/é", "-o", "json"}), 0);
  EXPECT_EQ(cloud_.requests[0].path, "/v1/Apps/a%20b%2F%C3%A9");
  EXPECT_THAT(out_, HasSubstr("\"dateCreated\": \"2026-01-02T03:04:05.000Z\""));
  EXPECT_EQ(out_.front(), '[');
}

TEST_F(Apps, Fetch_WithoutSid_IsAUsageError) {
  EXPECT_EQ(Run({"apps", "fetch"}), 1);
  EXPECT_THAT(err_, HasSubstr("--sid"));
}

TEST_F(Apps, Remove_SaysSoOnStderrOnly) {
  cloud_.Answer(204, "");
  ASSERT_EQ(Run({"api:microvisor:v1:apps:remove", "--sid", "KA1"}), 0);
  EXPECT_EQ(cloud_.requests[0].method, "DELETE");
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "The resource was deleted successfully\n");
}

TEST_F(Apps, Remove_StillDeployed_Fails) {
  cloud_.Answer(400, R"({"code":65004,"message":"targeted by UV1","status":400})");
  EXPECT_EQ(Run({"apps", "remove", "KA1"}), 65);
  EXPECT_THAT(err_, HasSubstr("Failed to delete the resource\nError code 65004"));
}

TEST_F(Apps, Manifest_TakesTheOriginalsOption) {
  cloud_.Answer(200, R"({"app_sid":"KA1","hash":"sha256:00","encoded_bytes":"AA=="})");
  ASSERT_EQ(Run({"api:microvisor:v1:apps:manifest:fetch", "--app-sid", "KA1"}), 0);
  EXPECT_EQ(cloud_.requests[0].path, "/v1/Apps/KA1/Manifest");
  EXPECT_EQ(out_, "App SID  Hash\nKA1      sha256:00\n");
}

TEST_F(Apps, EveryRequest_GoesToTheConfiguredCloudWithItsCredentials) {
  cloud_.Answer(200, kApp);
  ASSERT_EQ(Run({"apps", "fetch", "KA1"}), 0);
  ASSERT_EQ(cloud_.connections.size(), 1U);
  EXPECT_EQ(cloud_.connections[0].url, "https://cloud.example:8443");
  EXPECT_EQ(cloud_.connections[0].password, "token-of-the-environment");
}

}  // namespace
}  // namespace strata::cli
