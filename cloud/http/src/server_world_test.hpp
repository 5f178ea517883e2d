// SPDX-License-Identifier: Apache-2.0
/// ServerWorld: the real server on free ports over a TestWorld (cloud/domain), with CAs made at run
/// time.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "strata/cloud/http/server.hpp"
#include "strata/cloud/pki/certificates.hpp"

#include "client_test.hpp"
#include "world_test.hpp"

namespace strata::cloud {

class TestCertificates final : public DeviceCertificates {
 public:
  explicit TestCertificates(const pki::Credential& ca) : ca_(ca) {}

  ApiResult<PublicKey> CheckRequest(std::string_view csr_pem) override;
  ApiResult<std::string> Issue(const DeviceSid& device, const PublicKey& key) override;
  ApiResult<std::vector<std::uint8_t>> Renew(const DeviceIdentity& device,
                                             ByteSpan csr_der) override;

 private:
  const pki::Credential& ca_;
};

/// A P-256 key and a certificate request for it.
struct TestKey {
  std::string key_pem;
  std::string csr_pem;
  PublicKey point{};
};

TestKey MakeTestKey();

/// What HTTP Basic carries.
struct TestCredentials {
  std::string user;
  std::string password;
};

struct ProvisionedTestDevice {
  std::string sid;
  TestIdentity identity;
  std::string csr_pem{};
};

class ServerWorld : public ::testing::Test {
 protected:
  ServerWorld();
  ~ServerWorld() override;

  /// Tests change `config` first; otherwise the first client starts the server.
  void Start();

  [[nodiscard]] std::unique_ptr<TestClient> People();
  [[nodiscard]] std::unique_ptr<TestClient> Device(const std::optional<TestIdentity>& identity);

  /// A request with credentials (the account's when none are given) and Host; `headers` are whole
  /// lines.
  [[nodiscard]] std::string Request(std::string_view method,
                                    std::string_view path,
                                    std::string_view body = "",
                                    std::string_view headers = "",
                                    const std::optional<TestCredentials>& credentials = {}) const;
  [[nodiscard]] std::string FormRequest(std::string_view path, std::string_view form) const;
  [[nodiscard]] std::string UploadRequest(std::string_view file,
                                          std::string_view headers = "") const;
  /// The multipart body of an upload; boundary `b`.
  static std::string UploadBody(std::string_view file);

  ProvisionedTestDevice Provision(const std::string& unique_name = "");
  /// Uploads a bundle and gives the app's SID.
  std::string MakeApp(std::uint8_t fill = 0x11);
  TestResponse Deploy(const std::string& device, const std::string& app);

  /// Number of files below the temporary directory of uploads.
  [[nodiscard]] std::size_t TempFiles() const;
  /// True as soon as `condition` holds, false after five seconds.
  static bool Eventually(const std::function<bool()>& condition);

  TestWorld world;
  WaitingPolls polls;
  pki::Credential server_ca;
  pki::Credential device_ca;
  std::unique_ptr<TestCertificates> certificates;
  std::unique_ptr<Service> service;
  ServerConfig config;
  std::unique_ptr<Server> server;
};

/// Percent-encodes everything but letters and digits.
std::string Encode(std::string_view text);

inline const std::string kDesired = "/device/v1/desired";

/// A request as a device makes it: its certificate says who it is.
std::string Get(const std::string& path, const std::string& headers = "");

/// The bytes inside a PEM text.
std::string DerOf(const std::string& pem);

boost::json::object ParseJson(const std::string& text);

std::string JsonText(const boost::json::object& object, std::string_view key);

}  // namespace strata::cloud
