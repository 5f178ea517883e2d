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
#include "data_dir.hpp"
#include "master_key_file.hpp"
#include "system.hpp"

namespace strata::cloud {
namespace {

constexpr std::size_t kPageKeyBytes = 32;

/// Certificates and keys. Empty text: done.
std::string MakeKeys(const std::string& dir, const InitOptions& options) {
  SystemClock clock;
  const auto pki =
      pki::PkiDir::Create(dir + "/pki", WithLocalNames(options.host_names), clock.Now());
  if (!pki.ok()) {
    return pki.error().code == Code::kInvalidArgument
               ? "a --hostname is neither a host name nor an address"
               : "can't make certificates: " + std::string(TextOf(pki.error().code).what);
  }
  Secret<kPageKeyBytes> page_key;
  SystemRandom random;
  if (!random.Fill(page_key.bytes()).ok() ||
      !WriteWhole(dir + "/page.key", AsText(page_key.bytes())) ||
      !WriteWhole(dir + "/ca.pem", pki->server_ca_pem())) {
    return "can't write to " + dir;
  }
  return {};
}

/// Database, blob directory, master key and the first account. Empty text: done.
std::string MakeAccount(const std::string& dir, const std::string& master_key) {
  auto store = OpenSqliteStore({.path = dir + "/strata.db"});
  if (!store.ok()) {
    return store.error().message;
  }
  auto blobs = OpenFileBlobs(dir);
  if (!blobs.ok()) {
    return blobs.error().message;
  }
  auto keys = OpenMasterKeys(MasterKeyPath(dir, master_key), **store);
  if (!keys.ok()) {
    return keys.error().message;
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
    return adopted.error().message;
  }
  if (auto audit_key = OpenAuditKey(dir); !audit_key.ok()) {
    return audit_key.error().message;
  }
  auto account = service.As(LocalOrigin()).CreateAccount("default");
  if (!account.ok()) {
    return account.error().message;
  }
  AccountEnv env{.url = "https://127.0.0.1:8443",
                 .device_url = "https://127.0.0.1:8444",
                 .account_sid = std::string(account->first.sid.text()),
                 .auth_token = account->second,
                 .ca_file = dir + "/ca.pem"};
  return WriteAccountEnv(FirstEnvPath(dir), env) ? std::string() : "can't write to " + dir;
}

}  // namespace

int Init(const InitOptions& options) {
  std::string problem = MakeEmptyDir(options.data);
  if (!problem.empty()) {
    std::fprintf(stderr, "strata-cloud: %s\n", problem.c_str());
    return 1;
  }
  const std::string dir = AbsolutePath(options.data);
  problem = MakeKeys(dir, options);
  if (problem.empty()) {
    problem = MakeAccount(dir, options.master_key);
  }
  if (!problem.empty()) {
    std::error_code ignored;  // the problem itself is what the person must read
    for (const auto& entry : std::filesystem::directory_iterator(dir, ignored)) {
      std::filesystem::remove_all(entry.path(), ignored);
    }
    std::fprintf(stderr, "strata-cloud: %s\n", problem.c_str());
    return 1;
  }
  std::printf(
      "made a cloud in %s\naccount and token: %s/account.env\nnext: strata-cloud serve --data %s\n",
      dir.c_str(),
      dir.c_str(),
      dir.c_str());
  return 0;
}

}  // namespace strata::cloud
