// SPDX-License-Identifier: Apache-2.0
#include "people_tls.hpp"

#include "strata/cloud/http/log_line.hpp"
#include "strata/cloud/pki/certificates.hpp"

#include "data_dir.hpp"

namespace strata::cloud {

ApiResult<PeopleTls> ReadPeopleTls(const ServeOptions& options) {
  const auto unusable = [](const std::string& path, const char* why) {
    return ApiError{.status = 400, .code = 20001, .message = path + " " + why};
  };
  PeopleTls tls;
  if (!ReadWhole(options.tls_cert, tls.files.certificate_pem)) {
    return unusable(options.tls_cert, "can't be read");
  }
  if (!ReadWhole(options.tls_key, tls.files.key_pem)) {
    return unusable(options.tls_key, "can't be read");
  }
  const auto expires = pki::NotAfter(tls.files.certificate_pem);
  if (!expires.ok()) {
    return unusable(options.tls_cert, "does not begin with a certificate in PEM");
  }
  tls.expires = *expires;
  return tls;
}

void ReloadPeopleTls(Server& server, const ServeOptions& options, const LogSink& log) {
  LogLine line;
  line.Add("job", "certificate");
  const auto tls = ReadPeopleTls(options);
  if (!tls.ok()) {
    line.Add("failure", tls.error().message).Write(log);
  } else if (!server.UsePeopleCertificate(tls->files, tls->expires)) {
    line.Add("failure", options.tls_key + " is not the key of " + options.tls_cert).Write(log);
  } else {
    line.AddNumber("expires", tls->expires).Write(log);
  }
}

}  // namespace strata::cloud
