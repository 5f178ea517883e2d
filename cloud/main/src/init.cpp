// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "strata/cloud/blobs/file_blobs.hpp"
#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/http/waiting_polls.hpp"
#include "strata/cloud/pki/pki_dir.hpp"
#include "strata/cloud/store/sqlite_store.hpp"
#include "strata/core/error_text.hpp"
#include "strata/core/secure.hpp"

#include "account_env.hpp"
#include "audit_key.hpp"
#include "commands.hpp"
#include "complain.hpp"
#include "data_dir.hpp"
#include "master_key_file.hpp"
#include "system.hpp"

namespace strata::cloud {
namespace {

constexpr std::size_t kPageKeyBytes = 32;

/// Certificates and keys.
ApiOutcome MakeKeys(const std::string& dir, const InitOptions& options) {
  SystemClock clock;
  const auto pki =
      pki::PkiDir::Create(dir + "/pki", WithLocalNames(options.host_names), clock.Now());
  if (!pki.ok()) {
    const bool bad_name = pki.error().code == Code::kInvalidArgument;
    return LocalError(
        pki.error().code,
        bad_name ? "a --hostname is neither a host name nor an address"
                 : "can't make certificates: " + std::string(TextOf(pki.error().code).what));
  }
  Secret<kPageKeyBytes> page_key;
  SystemRandom random;
  if (!random.Fill(page_key.bytes()).ok() ||
      !WriteWhole(dir + "/page.key", AsText(page_key.bytes())) ||
      !WriteWhole(dir + "/ca.pem", pki->server_ca_pem())) {
    return LocalError(Code::kIo, "can't write to " + dir);
  }
  return Empty{};
}

/// Database, blob directory, master key and the first account.
ApiOutcome MakeAccount(const std::string& dir, const std::string& master_key) {
  auto store = OpenSqliteStore({.path = dir + "/strata.db"});
  if (!store.ok()) {
    return store.error();
  }
  auto blobs = OpenFileBlobs(dir);
  if (!blobs.ok()) {
    return blobs.error();
  }
  auto keys = OpenMasterKeys(MasterKeyPath(dir, master_key), **store);
  if (!keys.ok()) {
    return keys.error();
  }
  SystemClock clock;
  SystemRandom random;
  WaitingPolls polls;
  Service service({.store = store->get(),
                   .blobs = blobs->get(),
                   .signals = &polls,
                   .clock = &clock,
                   .random = &random,
                   .sealer = keys->get()},
                  std::vector<std::uint8_t>(kPageKeyBytes));
  if (ApiOutcome adopted = service.AdoptMasterKey(); !adopted.ok()) {
    return adopted.error();
  }
  if (auto audit_key = OpenAuditKey(dir); !audit_key.ok()) {
    return audit_key.error();
  }
  auto account = service.As(LocalOrigin()).CreateAccount("default");
  if (!account.ok()) {
    return account.error();
  }
  AccountEnv env{.url = "https://127.0.0.1:8443",
                 .device_url = "https://127.0.0.1:8444",
                 .account_sid = std::string(account->first.sid.text()),
                 .auth_token = account->second,
                 .ca_file = dir + "/ca.pem"};
  if (!WriteAccountEnv(FirstEnvPath(dir), env)) {
    return LocalError(Code::kIo, "can't write to " + dir);
  }
  return Empty{};
}

}  // namespace

int Init(const InitOptions& options) {
  if (const ApiOutcome empty = MakeEmptyDir(options.data); !empty.ok()) {
    return Complain(empty.error());
  }
  const std::string dir = AbsolutePath(options.data);
  ApiOutcome made = MakeKeys(dir, options);
  if (made.ok()) {
    made = MakeAccount(dir, options.master_key);
  }
  if (!made.ok()) {
    std::error_code ignored;  // the problem itself is what the person must read
    for (const auto& entry : std::filesystem::directory_iterator(dir, ignored)) {
      std::filesystem::remove_all(entry.path(), ignored);
    }
    return Complain(made.error());
  }
  std::printf(
      "made a cloud in %s\naccount and token: %s/account.env\nnext: strata-cloud serve --data %s\n",
      dir.c_str(),
      dir.c_str(),
      dir.c_str());
  return 0;
}

}  // namespace strata::cloud
