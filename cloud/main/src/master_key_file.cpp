// SPDX-License-Identifier: Apache-2.0
#include "master_key_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <sys/stat.h>

#include "strata/core/secure.hpp"

#include "complain.hpp"
#include "data_dir.hpp"

namespace strata::cloud {
namespace {

using KeysPtr = std::unique_ptr<pki::MasterKeys>;

void Wipe(std::string& secret) {
  SecureZero({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()});
}

ApiResult<KeysPtr> MakeFile(const std::string& path) {
  auto keys = pki::MasterKeys::Generate();
  if (!keys.ok() || !WriteMasterKeys(path, **keys)) {
    return LocalError(Code::kIo, "can't write the master key to " + path);
  }
  return std::move(keys).value();
}

ApiResult<KeysPtr> ReadFile(const std::string& path, const struct stat& info) {
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return LocalError(Code::kPermission,
                      "others may read the master key " + path + "; chmod 600 it");
  }
  std::string text;
  if (!S_ISREG(info.st_mode) || !ReadWhole(path, text)) {
    return LocalError(Code::kIo, "can't read the master key " + path);
  }
  auto keys = pki::MasterKeys::Parse(text);
  Wipe(text);
  if (!keys.ok()) {
    return LocalError(Code::kMalformed, path + " is not a master key; restore it from its backup");
  }
  return std::move(keys).value();
}

}  // namespace

std::string MasterKeyPath(const std::string& dir, const std::string& file) {
  return file.empty() ? dir + "/master.key" : file;
}

bool WriteMasterKeys(const std::string& path, const pki::MasterKeys& keys) {
  std::string text = keys.Text();
  const bool written = WriteWhole(path, text);
  Wipe(text);
  return written;
}

ApiResult<KeysPtr> OpenMasterKeys(const std::string& path, Store& store) {
  std::vector<std::string> named;
  const Status asked = store.Read([&](StoreView& view) -> Status {
    STRATA_TRY_ASSIGN(named, view.MasterKeyIds());
    return {};
  });
  if (!asked.ok()) {
    return LocalError(Code::kIo, "the database does not say which master keys it needs");
  }

  struct stat info {};

  if (stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT && named.empty()) {
      return MakeFile(path);
    }
    return LocalError(Code::kIo,
                      "can't read the master key " + path + ": " + std::strerror(errno) +
                          "; restore it from its backup, or say with --master-key where it is");
  }
  auto keys = ReadFile(path, info);
  if (!keys.ok()) {
    return keys;
  }
  const std::vector<std::string> held = (*keys)->ids();
  for (const std::string& id : named) {
    if (std::find(held.begin(), held.end(), id) == held.end()) {
      return LocalError(Code::kKeyInvalid,
                        path + " is another master key: secrets need " + id + ", it holds " +
                            held.front() + "; restore the right one from its backup");
    }
  }
  return keys;
}

}  // namespace strata::cloud
