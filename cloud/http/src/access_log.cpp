// SPDX-License-Identifier: Apache-2.0
#include "access_log.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::size_t kMaxPathChars = 256;

LogLine Begin(const Request& request) {
  LogLine line;
  line.Add("request", request.id)
      .Add("method", std::string_view(request.method).substr(0, 16))
      .Add("path", std::string_view(request.path).substr(0, kMaxPathChars));
  if (request.device) {
    line.Add("device", request.device->sid.text());
  }
  return line;
}

}  // namespace

void LogAccess(const LogSink& sink, const Request& request, const AccessLine& line) {
  if (sink.fd < 0) {
    return;
  }
  Begin(request)
      .AddNumber("status", line.status)
      .AddNumber("bytes", static_cast<std::int64_t>(line.sent_bytes))
      .AddNumber("ms", line.took_ms)
      .Write(sink);
}

void LogFailure(const LogSink& sink, const Request& request, const char* what) {
  Begin(request).Add("failure", what).Write(sink);
}

}  // namespace strata::cloud::http
