// SPDX-License-Identifier: Apache-2.0
/// account.env: how an account reaches this cloud, as `NAME=value` lines that a shell can
/// read. Security: holds the auth token; mode 0600.
#pragma once

#include <optional>
#include <string>

namespace strata::cloud {

struct AccountEnv {
  std::string url;
  std::string device_url;
  std::string account_sid;
  std::string auth_token;  ///< secret
  std::string ca_file;
};

/// DIR/account.env, of the account that init made.
std::string FirstEnvPath(const std::string& dir);

/// false: it can't be written.
bool WriteAccountEnv(const std::string& path, const AccountEnv& env);

/// nullopt: there is no such file, or it can't be read. Lines that it lacks give empty texts.
std::optional<AccountEnv> ReadAccountEnv(const std::string& path);

/// In every `*.env` of the directory replaces STRATA_URL and STRATA_DEVICE_URL and keeps every
/// other line. false: one can't be written.
bool UpdateAccountEnvs(const std::string& dir,
                       const std::string& url,
                       const std::string& device_url);

}  // namespace strata::cloud
