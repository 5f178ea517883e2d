// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "strata/format/bundle/keys.hpp"
#include "strata/format/bundle/reader.hpp"

#include "devices/certify_test.hpp"
#include "support/files.hpp"
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kDeployment = "0123456789abcdef0123456789abcdef";

class FirstAppVerb : public TestBed {
 protected:
  FirstAppVerb() {
    SignInByEnvironment();
    EXPECT_EQ(Run({"keys", "generate", "signing", "--out", Path("s.pem")}), 0) << err_;
    EXPECT_EQ(Run({"bundle",
                   "create",
                   Write("image.bin", std::string(5'000, 'x')),
                   Path("app.zip"),
                   "--sign",
                   Path("s.pem")}),
              0)
        << err_;
    const auto source = std::move(OpenBundleFile(Path("app.zip"))).value();
    const auto reader = std::move(bundle::BundleReader::Open(*source)).value();
    hash_ = Hex(bundle::Sha256(reader.manifest_bytes()));
    layer_ = Hex(reader.entries().at(0).digest);
    cloud_.handler = [this](const HttpRequest& request) { return Answer(request); };
    on_program_ = [this](const std::vector<std::string>& words) {
      const std::filesystem::path parts = words.at(5);
      seen_manifest_ = Read(parts / hash_);
      seen_layer_ = Read(parts / layer_);
      EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(words.at(3)) / "device.conf"));
      return program_ends_with_;
    };
  }

  static std::string Hex(const Digest& digest) {
    const auto hex = digest.ToHexText();
    return {hex.data(), hex.size()};
  }

  Expected<HttpResponse> Answer(const HttpRequest& request) {
    if (request.method == "DELETE") {
      return HttpResponse{204, ""};
    }
    if (request.method == "GET") {
      return HttpResponse{
          200,
          R"({"apps":[{"sid":"KA1","hash":"sha256:00"},{"sid":"KA2","hash":"sha256:)" +
              cloud_hash_.value_or(hash_) + R"("}],"meta":{}})"};
    }
    if (request.path != "/v1/Devices") {
      return HttpResponse{200,
                          R"({"app":{"target_hash":"sha256:)" + hash_ + R"(","deployment_id":")" +
                              kDeployment + R"("}})"};
    }
    const std::string certificate = Escaped(Certify(FormValue(request, "Csr")));
    return HttpResponse{201,
                        R"({"sid":")" + std::string(kSid) + R"(","certificate":")" + certificate +
                            R"(","ca_certificate":")" + certificate +
                            R"(","device_url":"https://127.0.0.1:9443"})"};
  }

  int Install(const std::string& signer = "s.pem.pub", const std::string& hardware = "stm32u585") {
    return Run({"devices",
                "provision",
                "--out",
                Path("dev"),
                "--signer",
                Path(signer),
                "--hardware",
                hardware,
                "--install",
                Path("app.zip")});
  }

  std::vector<std::string> Asked() {
    std::vector<std::string> asked;
    for (const HttpRequest& request : cloud_.requests) {
      asked.push_back(request.method + " " + request.path.substr(0, request.path.find('?')));
    }
    return asked;
  }

  std::string hash_;
  std::string layer_;
  std::optional<std::string> cloud_hash_;
  int program_ends_with_ = 0;
  std::string seen_manifest_;
  std::string seen_layer_;
};

TEST_F(FirstAppVerb, Install_DeploysFirstThenLetsTheDeviceInstallItsParts) {
  ASSERT_EQ(Install(), 0) << err_;
  const std::string device = "/v1/Devices/" + std::string(kSid);
  EXPECT_THAT(Asked(), ElementsAre("GET /v1/Apps", "POST /v1/Devices", "POST " + device));
  EXPECT_EQ(cloud_.requests[2].form, (Fields{{"TargetApp", "KA2"}}));
  ASSERT_EQ(programs_.size(), 1U);
  const auto& words = programs_[0];
  EXPECT_THAT(words[0], HasSubstr("strata-device"));
  EXPECT_EQ(words[1], "install");
  EXPECT_EQ(words[7], "KA2");
  EXPECT_EQ(words[9], hash_);
  EXPECT_EQ(words[11], kDeployment);
  EXPECT_FALSE(seen_manifest_.empty());
  EXPECT_FALSE(seen_layer_.empty());
  EXPECT_FALSE(std::filesystem::exists(dir_ / "dev/first-app"));
  EXPECT_TRUE(std::filesystem::exists(dir_ / "dev/device.conf"));
}

TEST_F(FirstAppVerb, Install_ThatFails_LeavesNeitherDirectoryNorDevice) {
  program_ends_with_ = 1;
  EXPECT_NE(Install(), 0);
  EXPECT_THAT(err_, HasSubstr("did not install"));
  EXPECT_EQ(Asked().back(), "DELETE /v1/Devices/" + std::string(kSid));
  EXPECT_THAT(Names(), ElementsAre("app.zip", "image.bin", "s.pem", "s.pem.pub"));
}

TEST_F(FirstAppVerb, Install_OfWhatTheDeviceCouldNotRun_MakesNoDevice) {
  ASSERT_EQ(Run({"keys", "generate", "signing", "--out", Path("other.pem")}), 0);
  EXPECT_EQ(Install("other.pem.pub"), 20) << err_;
  EXPECT_EQ(Install("s.pem.pub", "mps2-an505"), 20) << err_;
  cloud_hash_ = std::string(64, '1');
  EXPECT_EQ(Install(), 10) << err_;
  EXPECT_THAT(err_, HasSubstr("strata apps create"));
  static_cast<void>(Write("app.zip", "no zip"));
  EXPECT_EQ(Install(), 80) << err_;
  for (const std::string& asked : Asked()) {
    EXPECT_EQ(asked, "GET /v1/Apps");
  }
  EXPECT_TRUE(programs_.empty());
}

}  // namespace
}  // namespace strata::cli
