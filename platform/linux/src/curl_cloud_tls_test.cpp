// SPDX-License-Identifier: Apache-2.0
/// Whom the device believes, against a real TLS server (openssl s_server).
#include <algorithm>
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
#include "pinned_authorities.hpp"

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

/// Pins what it is told to, and holds nothing else.
class PinningKeys final : public ports::RotatingKeyStore {
 public:
  explicit PinningKeys(std::vector<std::string> ders) : ders_(std::move(ders)) {}

  Result<PublicKey> FindSigner(KeyId) override { return Fail(Code::kSignerUnknown); }

  Result<PublicKey> FindLayerKey(KeyId) override { return Fail(Code::kDecryptionKeyMissing); }

  Status LayerKeyAgreement(KeyId, const PublicKey&, std::span<std::uint8_t, 32>) override {
    return Fail(Code::kDecryptionKeyMissing);
  }

  Result<PublicKey> FindRotationKey(KeyId) override { return Fail(Code::kRotationKeyUnknown); }

  Result<bool> IsRetired(KeyId) override { return Fail(Code::kDecryptionKeyMissing); }

  Result<ChainPosition> Position() override { return ChainPosition{}; }

  Status Apply(const KeyChange&, const ports::NeededLayerKeys&) override {
    return Fail(Code::kUnsupported);
  }

  Status Tidy(const ports::NeededLayerKeys&) override { return {}; }

  Result<std::size_t> ReadCloudCa(std::uint32_t position, MutableByteSpan out) override {
    if (position >= ders_.size()) {
      return std::size_t{0};
    }
    const ByteSpan der = AsBytes(ders_[position]);
    std::copy(der.begin(), der.end(), out.begin());
    return der.size();
  }

 private:
  std::vector<std::string> ders_;
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

TEST_F(CurlCloudTlsTest, PinnedAuthorities_CountInsteadOfTheFile) {
  for (const char* name : {"servers", "strangers"}) {
    const std::string file(name);
    OpenSsl(dir_, "x509 -in " + file + ".crt -outform DER -out " + file + ".der");
  }
  PinningKeys none({});
  PinningKeys strangers({dir_.Read("strangers.der")});
  PinningKeys both({dir_.Read("strangers.der"), dir_.Read("servers.der")});
  ASSERT_TRUE(PinnedAuthorities(none).ok());
  EXPECT_EQ(*PinnedAuthorities(none), "");
  EXPECT_EQ(*PinnedAuthorities(both), dir_.Read("strangers.crt") + dir_.Read("servers.crt"));

  const TlsServer server(dir_, "server");
  CurlCloudOptions options;
  options.base_url = server.Url("127.0.0.1");
  options.ca_file = dir_.path() / "servers.crt";
  options.certificate_file = dir_.path() / "identity.crt";
  options.key_file = dir_.path() / "identity.pem";
  auto cloud = CurlCloud::Make(options);
  ASSERT_TRUE(cloud.ok());
  const auto ask = [&] {
    std::array<std::uint8_t, 100> out{};
    return (*cloud)->FetchManifest(Digest{}, out).error().code;
  };
  EXPECT_EQ(ask(), Code::kOk);
  (*cloud)->PinAuthorities(*PinnedAuthorities(strangers));
  EXPECT_EQ(ask(), Code::kCloudUnreachable);
  (*cloud)->PinAuthorities(*PinnedAuthorities(both));
  EXPECT_EQ(ask(), Code::kOk);
  (*cloud)->PinAuthorities(*PinnedAuthorities(none));
  EXPECT_EQ(ask(), Code::kOk);
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
