// SPDX-License-Identifier: Apache-2.0
/// Server: the cloud's two listeners, one for people and scripts, one for devices.
/// Role: TLS, HTTP/1.1, routes, JSON, long polls. Knows no rule of the cloud: every decision is the
/// Service's. Context: Start() returns once both listeners accept; requests run on threads of the
/// server's own (one loop per core, workers for calls that block). Security: bodies, headers
/// and times are bounded; people authenticate before a body is read; a device is identified again
/// at each request, so a revoked one is refused at its next. The access log holds no secret.
/// Reference: docs/spec/rest.md, docs/spec/wire.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/http/log_line.hpp"
#include "strata/cloud/http/waiting_polls.hpp"

namespace strata::cloud {

/// What provisioning needs of certificates. Implemented by the program over cloud/pki. Thread-safe.
class DeviceCertificates {
 public:
  virtual ~DeviceCertificates() = default;
  DeviceCertificates() = default;
  DeviceCertificates(const DeviceCertificates&) = delete;
  DeviceCertificates& operator=(const DeviceCertificates&) = delete;

  /// The key of a PEM request whose proof of possession holds. * 400/20001 otherwise.
  virtual ApiResult<PublicKey> CheckRequest(std::string_view csr_pem) = 0;
  /// A new certificate, PEM, for a key that CheckRequest() gave. * 500/20500.
  virtual ApiResult<std::string> Issue(const DeviceSid& device, const PublicKey& key) = 0;
  /// A new certificate, DER, for a device that showed its key. * 400/20001: `csr_der` is no request
  /// in DER, its proof of possession fails, or it is for another key. * 500/20500.
  virtual ApiResult<std::vector<std::uint8_t>> Renew(const DeviceIdentity& device,
                                                     ByteSpan csr_der) = 0;
};

/// Times and sizes that bound one connection; tests shorten the times.
struct HttpLimits {
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds header{30'000};  ///< from its first byte to its end
  std::chrono::milliseconds idle{60'000};    ///< between two requests of one connection
  std::chrono::milliseconds body{
      30'000};  ///< without a byte of the body; all of a body that is no upload
  std::chrono::milliseconds upload{900'000};       ///< all of an upload
  std::chrono::milliseconds write{60'000};         ///< without room for 64 KiB of an answer
  std::chrono::milliseconds drain{10'000};         ///< for what a refused client still sends
  std::chrono::milliseconds patience{10'000};      ///< for requests in progress at the end
  std::chrono::milliseconds health{1'000};         ///< for which the answer about health is kept
  std::chrono::milliseconds stream_write{10'000};  ///< for a batch of a live stream
  std::chrono::milliseconds stream_heartbeat{15'000};  ///< of a live stream without news
  std::chrono::milliseconds stream_pause{100};         ///< between two batches of a live stream
  std::size_t streams = 100;                           ///< live ones of one account; 0: no limit
  std::uint64_t file_bytes = 67'108'864;               ///< the File part of an upload
  std::size_t form_bytes = 65'536;                     ///< a form
  std::uint32_t header_bytes = 16'384;                 ///< a request's line and headers
};

/// `certificate_pem` is a chain, leaf first. `key_pem` is secret.
struct TlsFiles {
  std::string certificate_pem;
  std::string key_pem;
};

struct ServerConfig {
  std::string listen;         ///< ADDR:PORT or [ADDR]:PORT, numeric; port 0 picks a free one
  std::string device_listen;  ///< the same
  bool plain_http = false;    ///< people's listener without TLS; the address must be loopback
  TlsFiles tls;
  std::optional<TlsFiles> people_tls{};  ///< what people are shown instead; devices never are
  std::string server_ca_pem;             ///< what a provisioned device pins
  std::string device_ca_pem;             ///< what client certificates are verified with
  std::string trusted_proxy;             ///< CIDR whose X-Forwarded-* are believed; empty: none
  std::string public_url;                ///< empty: made from `listen`
  std::string device_public_url;         ///< empty: made from `device_listen`
  std::string host_name;       ///< stands in URLs for a listener on all addresses; empty: localhost
  std::string temp_dir;        ///< existing, private; holds uploads in progress as `upload-…`
  std::string console_dir;     ///< the console's files; empty: none are served
  std::string metrics_listen;  ///< loopback ADDR:PORT for /metrics, plain; empty: none
  std::int64_t certificate_expires = 0;         ///< of `tls`, seconds since 1970; 0: nobody knows
  std::int64_t people_certificate_expires = 0;  ///< of `people_tls`, the same
  std::function<std::string()> more_metrics;    ///< lines of the text format; may be empty
  unsigned loops = 0;                           ///< 0: one per core
  HttpLimits limits;
  LogSink log{.fd = 2};  ///< one line per request
};

class Server {
 public:
  struct Ports {
    Service* service = nullptr;
    WaitingPolls* polls = nullptr;  ///< the Signals that `service` was made with
    DeviceCertificates* certificates = nullptr;
  };

  /// Binds, starts the threads and accepts. Everything in `ports` outlives the server. Ignores
  /// SIGPIPE in the process. Removes uploads that an earlier run left in `temp_dir`.
  /// * 400/20001: an address, CIDR or combination that is not allowed, or no console in its
  /// directory. * 503/20503: an address can't be bound, or certificates can't be used. The message
  /// is one line for a person; nothing is left running.
  static ApiResult<std::unique_ptr<Server>> Start(ServerConfig config, Ports ports);

  /// Stop().
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Base URLs that clients use, without a slash at the end.
  [[nodiscard]] const std::string& url() const;
  [[nodiscard]] const std::string& device_url() const;
  /// The ports that were bound.
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t device_port() const;
  /// 0: metrics are not served.
  [[nodiscard]] std::uint16_t metrics_port() const;

  /// Accepts no more, answers waiting polls, lets requests in progress end for at most
  /// HttpLimits::patience, then cuts them. Blocks until all threads have ended. Callable twice.
  void Stop();

  /// From now on handshakes show this certificate, which ends at `expires` (seconds since 1970);
  /// connections that stand are left alone. Thread-safe. false: it or its key can't be used, and
  /// nothing changed.
  [[nodiscard]] bool UseCertificate(const TlsFiles& tls, std::int64_t expires);

  /// The same for what people alone are shown. For servers begun with ServerConfig::people_tls.
  [[nodiscard]] bool UsePeopleCertificate(const TlsFiles& tls, std::int64_t expires);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace strata::cloud
