// SPDX-License-Identifier: Apache-2.0
#include "audit_key.hpp"

#include <cerrno>

#include <sys/stat.h>

#include "strata/core/secure.hpp"

#include "complain.hpp"
#include "data_dir.hpp"

namespace strata::cloud {
namespace {

void Wipe(std::string& secret) {
  SecureZero({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()});
}

/// The public half first: a key without it would never get one.
ApiResult<bundle::PrivateKey> Make(const std::string& dir, const std::string& path) {
  auto key = bundle::PrivateKey::Generate();
  const auto shown = key.ok() ? bundle::PublicKeyToPem(key->public_key())
                              : bundle::Expected<std::string>(key.failure());
  auto pem = key.ok() ? key->ToPem() : bundle::Expected<std::string>(key.failure());
  const bool written =
      shown.ok() && pem.ok() && WriteWhole(dir + "/audit.pub", *shown) && WriteWhole(path, *pem);
  if (pem.ok()) {
    Wipe(*pem);
  }
  if (!written) {
    return LocalError(Code::kIo, "can't write the audit key to " + path);
  }
  return std::move(key).value();
}

}  // namespace

ApiResult<bundle::PrivateKey> OpenAuditKey(const std::string& dir) {
  const std::string path = dir + "/audit.key";

  struct stat info {};

  if (::stat(path.c_str(), &info) != 0) {
    return errno == ENOENT
               ? Make(dir, path)
               : ApiResult<bundle::PrivateKey>(LocalError(Code::kIo, "can't read " + path));
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return LocalError(Code::kPermission,
                      "others may read the audit key " + path + "; chmod 600 it");
  }
  std::string pem;
  if (!ReadWhole(path, pem)) {
    return LocalError(Code::kIo, "can't read " + path);
  }
  auto key = bundle::PrivateKey::FromPem(pem);
  Wipe(pem);
  if (!key.ok()) {
    return LocalError(Code::kKeyInvalid, path + " is no P-256 key; restore it from its backup");
  }
  return std::move(key).value();
}

}  // namespace strata::cloud
