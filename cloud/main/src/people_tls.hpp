// SPDX-License-Identifier: Apache-2.0
/// The certificate that people are shown instead of the cloud's own, from files that somebody else
/// keeps up to date (--tls-cert, --tls-key).
#pragma once

#include <cstdint>
#include <string>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/http/server.hpp"

#include "commands.hpp"

namespace strata::cloud {

struct PeopleTls {
  TlsFiles files;
  std::int64_t expires = 0;  ///< of the first certificate in the chain, seconds since 1970
};

/// Reads both files of `options`, which are named. * 400/20001: one can't be read, or the first is
/// no certificate; the message names it. Whether the key fits is for the server to say.
ApiResult<PeopleTls> ReadPeopleTls(const ServeOptions& options);

/// Reads the files again and shows what is in them from now on; a line in `log` says so, or why the
/// one before stays.
void ReloadPeopleTls(Server& server, const ServeOptions& options, const LogSink& log);

}  // namespace strata::cloud
