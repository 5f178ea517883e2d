// SPDX-License-Identifier: Apache-2.0
/// PkiDir: the certificates of one cloud in a directory (`DIR/pki`).
/// Role: makes, reads and renews the files. The rules of certificates are in certificates.hpp.
/// Files, all 0600 in a directory 0700: server-ca.pem, server-ca.key, device-ca.pem, device-ca.key,
/// server.pem, server.key, server.names (one name a line). Each is written beside its name, synced
/// and renamed. Context: one process at a time (the data directory's lock); blocks on the disk.
/// Security: holds the private keys of both CAs.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "strata/cloud/pki/certificates.hpp"
#include "strata/core/result.hpp"

namespace strata::cloud::pki {

/// The server certificate is made anew by Open() when it ends within this time.
inline constexpr std::int64_t kRenewBeforeSeconds = 30LL * 24 * 3600;

class PkiDir {
 public:
  /// Makes both CAs and a server certificate for `names` in the new directory `path`.
  /// * kAlreadyExists: `path` is there. * kInvalidArgument: a bad name. * kIo. * kCryptoFailed.
  static Result<PkiDir> Create(const std::string& path,
                               std::span<const std::string> names,
                               std::int64_t now);

  /// Reads the directory; issues the server certificate again when it ends within
  /// kRenewBeforeSeconds.
  /// * kNotFound: a file is missing. * kIo. * kMalformed: a file is not what it must be. *
  /// kCryptoFailed.
  static Result<PkiDir> Open(const std::string& path, std::int64_t now);

  [[nodiscard]] const Credential& server() const { return server_; }

  [[nodiscard]] const std::string& server_ca_pem() const { return server_ca_pem_; }

  [[nodiscard]] const Credential& device_ca() const { return device_ca_; }

 private:
  PkiDir() = default;

  Credential server_;
  std::string server_ca_pem_;
  Credential device_ca_;
};

}  // namespace strata::cloud::pki
