// SPDX-License-Identifier: Apache-2.0
/// One JSON line per request. Holds no query, no header and no body, so no secret.
#pragma once

#include <cstdint>

#include "message.hpp"

namespace strata::cloud::http {

struct AccessLine {
  int status = 0;
  std::uint64_t sent_bytes = 0;  ///< of the body
  std::int64_t took_ms = 0;
};

/// Writes with one call, so that lines of several threads do not mix. `fd` -1: nothing.
void LogAccess(int fd, const Request& request, const AccessLine& line);

/// A line about something that went wrong inside; never shown to the client.
void LogFailure(int fd, const Request& request, const char* what);

}  // namespace strata::cloud::http
