// SPDX-License-Identifier: Apache-2.0
/// Request and Response as handlers see them. No sockets, no library types.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/cloud/domain/resources.hpp"
#include "strata/cloud/domain/service.hpp"

namespace strata::cloud::http {

struct Header {
  std::string name;
  std::string value;
};

/// What TLS says about the client.
enum class ClientCertificate : std::uint8_t {
  kNone,
  kRefused,
  kExpired,  ///< as kVerified, were it not for its end or its begin
  kVerified,
};

struct Request {
  std::string method;
  std::string path;   ///< as received, still percent-encoded
  std::string query;  ///< without '?', still percent-encoded
  std::vector<Header> headers;
  std::string body;
  std::string id;        ///< "RQ" and 32 hexadecimal digits
  std::string base_url;  ///< as the client sees this server, e.g. "https://127.0.0.1:8443"
  std::vector<std::string> parameters;  ///< what `{}` of the route's pattern stand for, decoded
  /// The path's last segment as it was when it ended in ".json", which `parameters` lack; else
  /// empty.
  std::string with_suffix;
  ClientCertificate client = ClientCertificate::kNone;
  Digest client_key;    ///< fingerprint of its public key; only when kExpired or kVerified
  std::string address;  ///< of the client, numeric; behind a trusted proxy the one that it names
  std::optional<Account> account;
  std::optional<Origin> origin;  ///< set with `account` and `enrolment`
  std::optional<DeviceIdentity> device;
  std::optional<EnrolmentCaller> enrolment{};  ///< instead of `device`, where a token opens
  std::optional<Upload> upload;

  /// The first header of that name (any case); nullptr: there is none.
  [[nodiscard]] const std::string* Find(std::string_view name) const;
  /// The last one: what a proxy that adds lines wrote.
  [[nodiscard]] const std::string* FindLast(std::string_view name) const;
};

/// A part of an immutable file as an answer's body.
struct FileBody {
  std::string path;
  std::uint64_t offset_bytes = 0;
  std::uint64_t length_bytes = 0;
};

/// An answer without end: server-sent events, pulled batch by batch and never stored up.
struct EventStream {
  std::string topic;       ///< what LiveStreams wakes it by
  std::int64_t begin = 0;  ///< the id behind which it begins
  bool follow = true;      ///< false: it ends when there is no more for now
  /// The next events as text, oldest first, at most about 256 KiB; empty: none for now. Runs on the
  /// worker pool. A refusal ends the stream.
  std::function<ApiResult<std::string>()> next{};
};

struct Response {
  int status = 200;
  std::vector<Header> headers;
  std::string body;
  std::optional<FileBody> file;
  std::optional<EventStream> stream{};
  bool close = false;  ///< the connection ends after it

  void Set(std::string name, std::string value) {
    headers.push_back({std::move(name), std::move(value)});
  }
};

/// ASCII only, as header names are.
bool EqualIgnoringCase(std::string_view a, std::string_view b);

}  // namespace strata::cloud::http
