// SPDX-License-Identifier: Apache-2.0
/// Whom the device believes, against a real TLS server (openssl s_server).
#include <array>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "strata/platform/linux/curl_cloud.hpp"
#include "strata/platform/linux/unique_fd.hpp"

#include "child_process.hpp"
#include "credentials_for_test.hpp"

namespace strata::device {
namespace {

/// `openssl s_server -WWW` over the folder of the test: it serves files by path and demands a
/// client certificate.
class TlsServer {
 public:
  TlsServer(const TempDir& dir, const std::string& name, std::vector<std::string> more = {}) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      return;
    }
    const UniqueFd out(ends[0]);
    const UniqueFd theirs(ends[1]);
    const std::string base = dir.path().string() + "/";
    std::vector<std::string> arguments = {"s_server",
                                          "-accept",
                                          "127.0.0.1:0",
                                          "-cert",
                                          base + name + ".crt",
                                          "-key",
                                          base + name + ".pem",
                                          "-CAfile",
                                          base + "devices.crt",
                                          "-Verify",
                                          "1",
                                          "-verify_return_error",
                                          "-WWW",
                                          "-naccept",
                                          "20"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const std::string shell_line = "cd " + base + "; exec openssl \"$@\"";
    std::vector<std::string> wrapped = {"-c", shell_line, "openssl"};
    wrapped.insert(wrapped.end(), arguments.begin(), arguments.end());
    const std::array<int, 2> fds = {theirs.get(), theirs.get()};
    EXPECT_TRUE(process_.Start("/bin/sh", wrapped, fds).ok());
    std::string text;
    while (text.find("ACCEPT 127.0.0.1:") == std::string::npos ||
           text.find('\n', text.find("ACCEPT 127.0.0.1:")) == std::string::npos) {
      char c = 0;
      if (::read(out.get(), &c, 1) != 1) {
        ADD_FAILURE() << text;
        return;
      }
      text.push_back(c);
    }
    port_ = text.substr(text.find("ACCEPT 127.0.0.1:") + 17);
    port_.pop_back();
  }

  [[nodiscard]] std::string Url(const std::string& host) const {
    return "https://" + host + ":" + port_;
  }

 private:
  ChildProcess process_;
  std::string port_;
};

class CurlCloudTlsTest : public ::testing::Test {
 protected:
  CurlCloudTlsTest() {
    MakeAuthority(dir_, "servers");
    MakeAuthority(dir_, "devices");
    MakeAuthority(dir_, "strangers");
    MakeCertificate(dir_, "server", "servers");
    MakeCertificate(dir_, "identity", "devices");
    MakeCertificate(dir_, "imposter", "strangers");
    std::filesystem::create_directories(dir_.path() / "device/v1/manifests");
    dir_.Write("device/v1/manifests/" + std::string(64, '0'), "the manifest");
  }

  /// Asks for the manifest; kOk when the server was believed and believed us.
  Error Ask(const std::string& url,
            const std::string& authority = "servers",
            const std::string& identity = "identity") {
    CurlCloudOptions options;
    options.base_url = url;
    options.ca_file = dir_.path() / (authority + ".crt");
    options.certificate_file = dir_.path() / (identity + ".crt");
    options.key_file = dir_.path() / (identity + ".pem");
    auto cloud = CurlCloud::Make(options);
    EXPECT_TRUE(cloud.ok());
    std::array<std::uint8_t, 100> out{};
    return (*cloud)->FetchManifest(Digest{}, out).error();
  }

  TempDir dir_;
};

TEST_F(CurlCloudTlsTest, Request_ToTheProvisionedCloud_Works) {
  const TlsServer server(dir_, "server");
  EXPECT_EQ(Ask(server.Url("127.0.0.1")), Error{});
}

TEST_F(CurlCloudTlsTest, Request_ToAServerOfAnotherAuthority_IsNotMade) {
  const TlsServer server(dir_, "imposter");
  EXPECT_EQ(Ask(server.Url("127.0.0.1")).code, Code::kCloudUnreachable);
}

TEST_F(CurlCloudTlsTest, Request_ToAnotherHostName_IsNotMade) {
  const TlsServer server(dir_, "server");
  EXPECT_EQ(Ask(server.Url("localhost")).code, Code::kCloudUnreachable);
}

TEST_F(CurlCloudTlsTest, Request_WithACertificateTheCloudDoesNotKnow_Fails) {
  const TlsServer server(dir_, "server");
  EXPECT_NE(Ask(server.Url("127.0.0.1"), "servers", "imposter"), Error{});
}

TEST_F(CurlCloudTlsTest, Request_BelowTls12_IsNotMade) {
  const TlsServer server(dir_, "server", {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  EXPECT_EQ(Ask(server.Url("127.0.0.1")).code, Code::kCloudUnreachable);
}

TEST_F(CurlCloudTlsTest, Request_WithAProxyInTheEnvironment_IgnoresIt) {
  const TlsServer server(dir_, "server");
  ASSERT_EQ(::setenv("https_proxy", "http://127.0.0.1:1", 1), 0);
  ASSERT_EQ(::setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
  EXPECT_EQ(Ask(server.Url("127.0.0.1")), Error{});
  ::unsetenv("https_proxy");
  ::unsetenv("ALL_PROXY");
}

}  // namespace
}  // namespace strata::device
