// SPDX-License-Identifier: Apache-2.0
/// TestClient: a blocking HTTP client that sends exactly the bytes it is given, over TCP or TLS.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace strata::cloud {

struct TestResponse {
  int status = 0;                              ///< 0: none came
  std::map<std::string, std::string> headers;  ///< lowercase names
  std::string body;

  /// Its value; empty when it is not there.
  [[nodiscard]] std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

/// Client certificate and key, PEM.
struct TestIdentity {
  std::string certificate_pem;
  std::string key_pem;
};

class TestClient {
 public:
  /// Plain.
  explicit TestClient(std::uint16_t port);
  /// TLS; the server must verify under `ca_pem` for 127.0.0.1.
  TestClient(std::uint16_t port,
             const std::string& ca_pem,
             const std::optional<TestIdentity>& identity = {});
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }

  bool Send(std::string_view bytes);
  /// The next answer; status 0 when the connection ends or ten seconds pass first.
  TestResponse Receive();
  /// Of a live stream the whole body, until its end; Receive() gives its head alone.
  TestResponse Ask(std::string_view request);
  /// What comes up to and with `text`; all until the end when that is empty or does not come.
  std::string ReadUntil(std::string_view text);
  /// Sees what each Ask() sent and got.
  std::function<void(std::string_view request, const TestResponse& answer)> observer;
  /// True when the server has closed and nothing more comes.
  bool Closed();
  void Disconnect();

 private:
  std::size_t ReadSome();

  int fd_ = -1;
  bool connected_ = false;
  SSL_CTX* context_ = nullptr;
  SSL* tls_ = nullptr;
  std::string received_;
};

}  // namespace strata::cloud
