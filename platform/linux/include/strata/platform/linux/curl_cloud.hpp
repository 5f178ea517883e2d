// SPDX-License-Identifier: Apache-2.0
/// CurlCloud: the Cloud port over HTTP/1.1 and mutual TLS, with libcurl.
/// Role: transport and its checks of form (status, range, length); the engine checks every byte by
/// hash or signature. The long poll for the desired state runs beside the other requests, also
/// while one of them blocks. Context: single thread. Requests block while bytes arrive, at most
/// Options::stall without any; a readable `interrupt_fd` ends them at once with kCloudUnreachable.
/// Security: only the CAs pinned by NewKeys, else the one in `ca_file`, are trusted, the host's
/// name is checked, TLS is 1.2 or later, redirects are not followed, proxies and other settings of
/// the environment are ignored. Certificate dates are checked: Linux has time. Reference:
/// docs/spec/wire.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "strata/engine/ports/cloud.hpp"
#include "strata/platform/linux/expected.hpp"

namespace strata::device {

struct CurlCloudOptions {
  std::string base_url;  ///< "https://host:port"
  std::filesystem::path ca_file;
  std::string pinned_authorities{};  ///< PEM; not empty: counts instead of `ca_file`
  std::filesystem::path certificate_file;
  std::filesystem::path key_file;
  std::uint32_t max_range_bytes = 256 * 1024;  ///< of one request for a layer; what is read ahead
  int interrupt_fd = -1;                       ///< readable: stop waiting, the device ends
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::seconds stall{10};
  std::chrono::seconds poll_wait{50};
  std::chrono::milliseconds back_off_min{1'000};
  std::chrono::milliseconds back_off_max{60'000};
  /// Told in words when asking begins to fail or fails otherwise, with none when it works again.
  std::function<void(std::string_view)> on_connection_change;
  bool allow_plain_http_for_tests = false;
};

class CurlCloud final : public ports::Cloud {
 public:
  /// * kCryptoFailed: libcurl can't be set up.
  static Expected<std::unique_ptr<CurlCloud>> Make(CurlCloudOptions options);
  ~CurlCloud() override;

  Result<std::size_t> TakeDesired(MutableByteSpan out) override;
  void SetConnected(bool connected) override;
  void RefreshDesired() override;
  Result<std::size_t> FetchManifest(const Digest& hash, MutableByteSpan out) override;
  Result<std::size_t> FetchNewKeys(std::uint32_t sequence, MutableByteSpan out) override;
  /// * kCloudProtocol: the answer is not exactly the range asked for. A connection that breaks
  /// within a good answer loses nothing: what came is delivered first.
  Result<std::size_t> FetchLayer(const Digest& hash,
                                 std::uint32_t offset,
                                 std::uint32_t total_bytes,
                                 MutableByteSpan out) override;
  Status SendReport(ByteSpan report) override;
  Status SendReceipt(ByteSpan receipt) override;

  /// `POST /device/v1/certificate`: sends a PKCS#10 request (DER) and fills `out` with the new
  /// certificate (DER). Errors as the port's.
  Result<std::size_t> RenewCertificate(ByteSpan request, MutableByteSpan out);
  /// `POST /device/v1/logs` in the background: begins to send a batch (copied) and returns. False:
  /// one is on its way, or no connection is wanted.
  bool StartLogs(ByteSpan batch);
  /// What became of it, once; nullopt: nothing yet.
  std::optional<Status> TakeLogsAnswer();
  /// Whether the last desired state that came wants the log; nullopt: none came.
  [[nodiscard]] std::optional<bool> logging_enabled() const;
  /// From the next connection on exactly these CAs (PEM) are trusted; empty: the one in `ca_file`.
  /// Open connections are closed.
  void PinAuthorities(std::string pem);
  /// Closes every connection; the next ones show the certificate that is in the file now.
  void Reconnect();
  /// Whether connections are wanted at present: SetConnected().
  [[nodiscard]] bool connected() const;
  /// Whether the cloud answered the last poll with 403: it does not take this certificate (any
  /// more).
  [[nodiscard]] bool refused() const;

  /// Sleeps until the poll has news, one of `fds` is readable or hung up, or `timeout` is over.
  void Wait(std::span<const int> fds, std::chrono::milliseconds timeout);

 private:
  class Transfers;
  explicit CurlCloud(CurlCloudOptions options);

  Status Post(std::string_view path, ByteSpan body, Op op);
  Result<std::size_t> FillReadAhead(const Digest& hash,
                                    std::uint32_t offset,
                                    std::uint32_t total_bytes);

  struct ReadAhead {
    std::unique_ptr<std::uint8_t[]> bytes;
    Digest hash;
    std::uint32_t next_offset = 0;  ///< in the layer, of the first byte not yet delivered
    std::size_t start = 0;
    std::size_t end = 0;
  };

  CurlCloudOptions options_;
  std::unique_ptr<Transfers> transfers_;
  ReadAhead read_ahead_;
};

}  // namespace strata::device
