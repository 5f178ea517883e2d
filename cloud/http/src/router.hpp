// SPDX-License-Identifier: Apache-2.0
/// Routes as a table: method and pattern to handler. Finds, does not run.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "strata/cloud/domain/api_error.hpp"

#include "message.hpp"

namespace strata::cloud {
class DeviceCertificates;
class Service;
}  // namespace strata::cloud

namespace strata::cloud::http {

class HealthCache;

enum class BodyKind : std::uint8_t {
  kNone,         ///< a body is read and dropped
  kForm,         ///< application/x-www-form-urlencoded, ≤ HttpLimits::form_bytes
  kProtobuf,     ///< application/x-protobuf, ≤ 2048 bytes
  kLogBatch,     ///< application/x-protobuf, ≤ 16384 bytes
  kPkcs10,       ///< application/pkcs10, ≤ 2048 bytes
  kUpload,       ///< multipart/form-data, its File part in a temporary file; counts as an upload
  kSmallUpload,  ///< the same, File ≤ 64 KiB
};

class ConsoleFiles;

/// What handlers act through.
struct Api {
  Service* service = nullptr;
  DeviceCertificates* certificates = nullptr;
  std::string device_url;
  std::string server_ca_pem;
  const std::atomic<std::int64_t>* certificate_expires = nullptr;  ///< 0: nobody knows
  const std::atomic<bool>* stopping = nullptr;  ///< the server answers what it has begun
  const ConsoleFiles* console = nullptr;        ///< nullptr: none are installed
  HealthCache* health = nullptr;                ///< nullptr: each request asks anew
};

using Handler = ApiResult<Response> (*)(const Request&, const Api&);

struct Route {
  std::string_view method;
  std::string_view pattern;  ///< literal segments and `{}`
  BodyKind body = BodyKind::kNone;
  Handler handler = nullptr;
  bool poll = false;         ///< a 304 may be held back by `Prefer: wait`
  bool expired_may = false;  ///< open to a device whose certificate has expired
  bool by_token = false;     ///< opened by an enrolment token, not by a certificate
};

struct Match {
  const Route* route = nullptr;         ///< nullptr: no such path, or not with this method
  std::vector<std::string> parameters;  ///< decoded
  std::string allow;                    ///< methods of the path; empty: no such path
};

/// `segments` as SplitPath() gave them.
Match FindRoute(std::span<const Route> routes,
                std::string_view method,
                const std::vector<std::string>& segments);

/// Drops ".json" from the last segment. Of all names only a config's or secret's key can end in it
/// (docs/spec/rest.md): their handlers look at Request::with_suffix first.
void DropJsonSuffix(std::vector<std::string>& segments);

}  // namespace strata::cloud::http
