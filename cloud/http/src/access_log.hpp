// SPDX-License-Identifier: Apache-2.0
/// One line per request. Holds no query, no header and no body, so no secret.
#pragma once

#include <cstdint>

#include "strata/cloud/http/log_line.hpp"

#include "message.hpp"

namespace strata::cloud::http {

struct AccessLine {
  int status = 0;
  std::uint64_t sent_bytes = 0;  ///< of the body
  std::int64_t took_ms = 0;
};

void LogAccess(const LogSink& sink, const Request& request, const AccessLine& line);

/// A line about something that went wrong inside; never shown to the client.
void LogFailure(const LogSink& sink, const Request& request, const char* what);

}  // namespace strata::cloud::http
