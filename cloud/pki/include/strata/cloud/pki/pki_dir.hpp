// SPDX-License-Identifier: Apache-2.0
/// PkiDir: the certificates of one cloud in a directory (`DIR/pki`).
/// Role: makes, reads and renews the files. The rules of certificates are in certificates.hpp.
/// Files, all 0600 in a directory 0700: server-ca.pem, server-ca.key, device-ca.pem, device-ca.key,
/// server.pem, server.key, server.names (one name a line), server.reissue (empty: the server
/// certificate shall be issued again), and while a CA is being replaced server-ca.next.pem and
/// .key. Each is written beside its name, synced and renamed. Context: one process at a time (the
/// data directory's lock); blocks on the disk. Security: holds the private keys of both CAs.
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
  /// kRenewBeforeSeconds, begins after `now`, does not fit its key, is not by the present server
  /// CA, or RequestReissue() asked for it.
  /// * kNotFound: a file is missing. * kIo. * kMalformed: a file is not what it must be. *
  /// kCryptoFailed.
  static Result<PkiDir> Open(const std::string& path, std::int64_t now);

  /// Lets the next Open() issue the server certificate again, with a new key, for `names` from then
  /// on; for those of before when there are none. A server may run, and opens again by itself.
  /// * kInvalidArgument: a bad name, and nothing changed. * kNotFound, kIo.
  static Status RequestReissue(const std::string& path, std::span<const std::string> names);

  /// Makes the server CA that shall replace the present one, beside it (server-ca.next.pem, .key),
  /// and gives its certificate; the same one when it was made before. Nothing uses it yet; a server
  /// may run. * kNotFound, kIo, kCryptoFailed.
  static Result<std::string> PrepareServerCa(const std::string& path, std::int64_t now);

  /// Puts the prepared server CA into the place of the present one, of which nothing remains; the
  /// next Open() issues the server certificate under it. Gives its certificate. After a failure or
  /// a crash it is called again. No server may run.
  /// * kNotFound: none was prepared. * kIo.
  static Result<std::string> SwitchServerCa(const std::string& path);

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
