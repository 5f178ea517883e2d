// SPDX-License-Identifier: Apache-2.0
/// HTTP requests to one cloud. Role: moves requests and answers; reads neither paths nor bodies
/// (api.hpp does). Security: credentials go only to the connection's own origin; TLS certificates
/// are always verified; plain HTTP is for loopback only; redirects are not followed.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/outcome.hpp"

namespace strata::cli {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// Where to, and as whom.
struct Connection {
  std::string url;       ///< scheme, host and port; no path
  std::string user;      ///< account SID or API key SID; empty: no credentials are sent
  std::string password;  ///< auth token or key secret
  std::string ca_file;   ///< PEM file to trust instead of the system's; empty: the system's
  /// The profile that it is of, or the variables as "${USER}/${PASSWORD}"; for people.
  std::string profile{};
};

/// A file sent as multipart part `File`, read while it is sent.
struct Upload {
  std::filesystem::path file;
  Fields fields{};  ///< parts after the file
  std::function<void(std::uint64_t, std::uint64_t)>
      progress{};                        ///< bytes sent, bytes in all; may be empty
  std::optional<std::string> content{};  ///< sent instead of `file`
};

struct HttpRequest {
  std::string method = "GET";
  std::string path;  ///< begins with '/', encoded, with query; sent as it is, dots and all
  Fields form{};     ///< url-encoded body of a POST without upload
  std::optional<Upload> upload{};
  Fields headers{};
};

struct HttpResponse {
  int status = 0;
  std::string body;
  /// From the Date header, and the end of the server certificate's validity; seconds since 1970.
  std::optional<std::int64_t> server_time{};
  std::optional<std::int64_t> certificate_end{};
  std::string request_id{};  ///< Twilio-Request-Id
  /// Retry-After, when it is a number of seconds.
  std::optional<std::chrono::seconds> retry_after{};
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Any answer is a success, whatever its status.
  /// * kCloudUnreachable: no connection, not trusted, broken off, TLS where there is none or none
  /// where there is TLS; the next step says which. * kTimeout. * kTooLarge: an
  /// answer over 16 MiB.
  virtual Expected<HttpResponse> Send(const HttpRequest& request) = 0;

  /// For answers without end: a good one (200) is handed on as it comes, until `take` says false or
  /// the connection ends; then the answer has no body. Any other answer comes whole.
  /// * as Send; * kTimeout: no byte came for StreamWatch::longest_silence.
  virtual Expected<HttpResponse> Stream(const HttpRequest& request,
                                        const std::function<bool(std::string_view)>& take) = 0;
};

/// When a stream counts as dead: only by the time since its last byte, for a quiet one beats with a
/// few bytes every 15 s.
struct StreamWatch {
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
  std::chrono::seconds longest_silence{60};
};

/// Over libcurl; keeps its connection between requests.
/// * kInvalidArgument: the URL is not https (or http to loopback), or has user, path, query or
/// fragment.
Expected<std::unique_ptr<HttpClient>> MakeCurlClient(const Connection& connection);

/// The same with another clock or patience. Errors as MakeCurlClient.
Expected<std::unique_ptr<HttpClient>> MakeWatchedCurlClient(const Connection& connection,
                                                            StreamWatch watch);

/// What to do when the server's certificate is not accepted, by libcurl's words for it.
std::string StepForCertificate(std::string_view why, const std::string& host);

}  // namespace strata::cli
