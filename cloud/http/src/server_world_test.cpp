// SPDX-License-Identifier: Apache-2.0
#include "server_world_test.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <thread>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "openapi_test.hpp"

namespace strata::cloud {
namespace {

std::int64_t Now() {
  return static_cast<std::int64_t>(std::time(nullptr));
}

std::string TakeText(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

std::string Base64(std::string_view text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

/// Every answer to a path that begins so must be as api/openapi.yaml says.
enum class Port { kPeople, kDevices };

/// What the other port would serve is not found here, whatever the file says of it.
auto HoldAgainstTheFile(Port port) {
  return [port](std::string_view request, const TestResponse& answer) {
    const bool of_devices = request.find(" /device/") == request.find(' ');
    if (of_devices == (port == Port::kDevices)) {
      EXPECT_EQ(OpenApi::Get().Check(request, answer), "");
    }
  };
}

}  // namespace

ApiResult<PublicKey> TestCertificates::CheckRequest(std::string_view csr_pem) {
  const auto key = pki::ParseCsr(csr_pem);
  if (!key.ok()) {
    return ApiError{400, 20001, "Csr"};
  }
  return *key;
}

ApiResult<std::string> TestCertificates::Issue(const DeviceSid& device, const PublicKey& key) {
  return std::move(pki::IssueDevice(ca_, device, key, Now())).value();
}

ApiResult<std::vector<std::uint8_t>> TestCertificates::Renew(const DeviceIdentity& device,
                                                             ByteSpan csr_der) {
  const auto key = pki::ParseCsrDer(csr_der);
  if (!key.ok() || *key != device.public_key) {
    return ApiError{400, 20001, "Csr"};
  }
  return pki::ToDer(pki::IssueDevice(ca_, device.sid, *key, Now()).value()).value();
}

TestKey MakeTestKey() {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509_REQ* const request = X509_REQ_new();
  X509_REQ_set_pubkey(request, key);
  X509_REQ_sign(request, key, EVP_sha256());
  BIO* const key_text = BIO_new(BIO_s_mem());
  BIO* const csr_text = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(key_text, key, nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_bio_X509_REQ(csr_text, request);
  TestKey made{TakeText(key_text), TakeText(csr_text), {}};
  made.point = *pki::ParseCsr(made.csr_pem);
  X509_REQ_free(request);
  EVP_PKEY_free(key);
  return made;
}

std::string Get(const std::string& path, const std::string& headers) {
  return "GET " + path + " HTTP/1.1\r\nHost: cloud\r\n" + headers + "\r\n";
}

std::string Encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      out += c;
      continue;
    }
    char hex[4] = {};
    std::snprintf(hex, sizeof(hex), "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += hex;
  }
  return out;
}

std::string DerOf(const std::string& pem) {
  std::string base64;
  for (std::size_t at = 0; at < pem.size();) {
    const std::size_t end = std::min(pem.find('\n', at), pem.size());
    base64 += pem[at] == '-' ? "" : pem.substr(at, end - at);
    at = end + 1;
  }
  std::string der(base64.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(der.data()),
                  reinterpret_cast<const unsigned char*>(base64.data()),
                  static_cast<int>(base64.size()));
  der.resize(der.size() - static_cast<std::size_t>(std::count(base64.begin(), base64.end(), '=')));
  return der;
}

boost::json::object ParseJson(const std::string& text) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  return value.is_object() ? value.get_object() : boost::json::object();
}

std::string JsonText(const boost::json::object& object, std::string_view key) {
  const boost::json::value* const value = object.if_contains({key.data(), key.size()});
  return value != nullptr && value->is_string() ? std::string(value->get_string().c_str()) : "";
}

ServerWorld::ServerWorld()
    : server_ca(std::move(pki::MakeCa(pki::CaUse::kServer, Now())).value()),
      device_ca(std::move(pki::MakeCa(pki::CaUse::kDevices, Now())).value()),
      certificates(std::make_unique<TestCertificates>(device_ca)) {
  service = std::make_unique<Service>(Service::Ports{.store = world.store.get(),
                                                     .blobs = world.blobs.get(),
                                                     .signals = &polls,
                                                     .clock = &world.clock,
                                                     .random = &world.random,
                                                     .sealer = world.sealer.get(),
                                                     .audit_key = &world.audit_key},
                                      std::vector<std::uint8_t>(32, 0x5A));
  const std::vector<std::string> names = {"127.0.0.1"};
  const auto credential = pki::IssueServer(server_ca, names, Now());
  config.limits.health = std::chrono::milliseconds(0);
  config.listen = "127.0.0.1:0";
  config.device_listen = "127.0.0.1:0";
  config.tls = {credential->certificate_pem, credential->key_pem};
  config.server_ca_pem = server_ca.certificate_pem;
  config.device_ca_pem = device_ca.certificate_pem;
  config.temp_dir = world.dir + "/uploads";
  config.loops = 2;
  config.log.fd = -1;
  config.limits.drain = std::chrono::milliseconds(2000);
  std::filesystem::create_directory(config.temp_dir);
}

ServerWorld::~ServerWorld() {
  server.reset();
  service.reset();
}

void ServerWorld::Start() {
  auto started = Server::Start(
      config, {.service = service.get(), .polls = &polls, .certificates = certificates.get()});
  ASSERT_TRUE(started.ok()) << started.error().message;
  server = std::move(started).value();
}

std::unique_ptr<TestClient> ServerWorld::People() {
  if (!server) {
    Start();
  }
  auto client = config.plain_http
                    ? std::make_unique<TestClient>(server->port())
                    : std::make_unique<TestClient>(server->port(), config.server_ca_pem);
  client->observer = HoldAgainstTheFile(Port::kPeople);
  return client;
}

std::unique_ptr<TestClient> ServerWorld::Device(const std::optional<TestIdentity>& identity) {
  if (!server) {
    Start();
  }
  auto client = std::make_unique<TestClient>(server->device_port(), config.server_ca_pem, identity);
  client->observer = HoldAgainstTheFile(Port::kDevices);
  return client;
}

std::string ServerWorld::Request(std::string_view method,
                                 std::string_view path,
                                 std::string_view body,
                                 std::string_view headers,
                                 const std::optional<TestCredentials>& credentials) const {
  std::string text(method);
  text += " ";
  text += path;
  text += " HTTP/1.1\r\nHost: cloud.test:1234\r\nAuthorization: Basic ";
  text += credentials ? Base64(credentials->user + ":" + credentials->password)
                      : Base64(std::string(world.account->sid.text()) + ":" + world.token);
  text += "\r\n";
  text += headers;
  if (!body.empty()) {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  text += "\r\n";
  text += body;
  return text;
}

std::string ServerWorld::FormRequest(std::string_view path, std::string_view form) const {
  return Request("POST", path, form, "Content-Type: application/x-www-form-urlencoded\r\n");
}

std::string ServerWorld::UploadBody(std::string_view file) {
  return "--b\r\nContent-Disposition: form-data; name=\"File\"; filename=\"x.zip\"\r\n"
         "Content-Type: application/octet-stream\r\n\r\n" +
         std::string(file) + "\r\n--b--\r\n";
}

std::string ServerWorld::UploadRequest(std::string_view file, std::string_view headers) const {
  return Request("POST",
                 "/v1/Apps",
                 UploadBody(file),
                 "Content-Type: multipart/form-data; boundary=b\r\n" + std::string(headers));
}

ProvisionedTestDevice ServerWorld::Provision(const std::string& unique_name) {
  const TestKey key = MakeTestKey();
  const std::string name = unique_name.empty() ? "" : "&UniqueName=" + Encode(unique_name);
  const TestResponse response =
      People()->Ask(FormRequest("/v1/Devices", "Csr=" + Encode(key.csr_pem) + name));
  EXPECT_EQ(response.status, 201) << response.body;
  const boost::json::object device = ParseJson(response.body);
  return {JsonText(device, "sid"), {JsonText(device, "certificate"), key.key_pem}, key.csr_pem};
}

std::string ServerWorld::MakeApp(std::uint8_t fill) {
  const TestResponse response = People()->Ask(UploadRequest(AsText(world.SignedBundle(fill).zip)));
  EXPECT_EQ(response.status, 201) << response.body;
  return JsonText(ParseJson(response.body), "sid");
}

TestResponse ServerWorld::Deploy(const std::string& device, const std::string& app) {
  return People()->Ask(FormRequest("/v1/Devices/" + device, "TargetApp=" + app));
}

std::size_t ServerWorld::TempFiles() const {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(config.temp_dir)) {
    ++count;
  }
  return count;
}

bool ServerWorld::Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return condition();
}

}  // namespace strata::cloud
