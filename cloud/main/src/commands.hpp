// SPDX-License-Identifier: Apache-2.0
/// The program's commands. Each prints to stdout what it is for, and to stderr one line when it
/// fails.
#pragma once

#include <string>
#include <vector>

#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/http/server.hpp"

namespace strata::cloud {

struct InitOptions {
  std::string data;
  std::vector<std::string> host_names;
  std::string master_key;  ///< file; empty: DIR/master.key
};

struct ServeOptions {
  std::string data;
  std::string config;  ///< file that the options below were completed from; empty: none
  std::string listen = "127.0.0.1:8443";
  std::string device_listen = "127.0.0.1:8444";
  bool plain_http = false;
  std::string tls_cert;  ///< chain that people are shown, PEM; empty: the cloud's own certificate
  std::string tls_key;   ///< its key; there when `tls_cert` is
  std::string trusted_proxy;
  std::string public_url;
  std::string device_public_url;
  std::string console_dir;  ///< empty: beside the installed program, when it is there
  AccountLimits account_limits;
  HttpLimits http_limits;
  std::string master_key;
  std::string metrics_listen;
  LogFormat log_format = LogFormat::kJson;
  std::uint32_t drain_sec = 10;
  std::uint32_t garbage_wait_sec = 3600;  ///< how old a layer is before it can be garbage
  std::uint32_t garbage_every_sec = 3600;
  std::uint64_t scrub_bytes = 67'108'864;  ///< read in a minute, to find damaged layers
  std::uint32_t integrity_every_sec = 60;  ///< between two tables of the database that are checked
  std::uint32_t audit_days = 0;            ///< entries of audit logs are kept; 0: for ever
};

struct AccountsOptions {
  std::string data;
  std::string name;     ///< of a new account
  std::string account;  ///< SID of the account whose token is reset
  std::string env;      ///< file for the token; empty: in `data`
};

struct BackupOptions {
  std::string data;
  std::string file;
  std::string passphrase_file;  ///< empty: the backup is not encrypted
};

using RestoreOptions = BackupOptions;

struct CaOptions {
  std::string data;
  std::vector<std::string> host_names;  ///< of ReissueServer(); empty: as before
};

struct MasterKeyOptions {
  std::string data;
  std::string master_key;
};

/// Exit code: 0 done, 1 failed (what it made is removed), 2 wrong usage.
int Init(const InitOptions& options);

/// Runs until SIGTERM or SIGINT. Exit code: 0 ended as asked, 1 failed, 2 wrong usage.
int Serve(const ServeOptions& options);

/// Makes an account and writes its token to a new file. Exit code: 0 done, 1 failed.
int CreateAccount(const AccountsOptions& options);

/// One line per account: SID, date, name. Exit code: 0 done, 1 failed.
int ListAccounts(const AccountsOptions& options);

/// Gives an account another token and writes it to its file. Exit code: 0 done, 1 failed, 2 wrong
/// usage.
int ResetToken(const AccountsOptions& options);

/// Writes all of a data directory to one new file; a server may run. Exit code: 0 done, 1 failed
/// (nothing is left), 3 done, but layers are missing or damaged.
int Backup(const BackupOptions& options);

/// Makes a data directory from such a file. Exit code: 0 done, 1 failed (nothing is left), 3 done,
/// but layers that apps name are not in it.
int Restore(const RestoreOptions& options);

/// Makes the next server CA, writes it to DIR/ca-next.pem and lets DIR/ca.pem hold both. A server
/// may run. Exit code: 0 done, 1 failed.
int PrepareCa(const CaOptions& options);

/// Lets the next start use the prepared server CA. Exit code: 0 done, 1 failed.
int SwitchCa(const CaOptions& options);

/// Lets the server, running or not, issue its certificate again. Exit code: 0 done, 1 failed.
int ReissueServer(const CaOptions& options);

/// Makes a new master key, seals every secret anew and drops the old key; finishes a rotation that
/// was interrupted instead. No server runs. Exit code: 0 done, 1 failed: everything stays readable.
int RotateMasterKey(const MasterKeyOptions& options);

}  // namespace strata::cloud
