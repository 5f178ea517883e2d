// SPDX-License-Identifier: Apache-2.0
/// account.env: how the first account reaches this cloud, as `NAME=value` lines that a shell can
/// read. Security: holds the auth token; mode 0600.
#pragma once

#include <string>

namespace strata::cloud {

struct AccountEnv {
  std::string url;
  std::string device_url;
  std::string account_sid;
  std::string auth_token;  ///< secret
  std::string ca_file;
};

/// false: it can't be written.
bool WriteAccountEnv(const std::string& dir, const AccountEnv& env);

/// Replaces STRATA_URL and STRATA_DEVICE_URL and keeps every other line. A directory without the
/// file stays without. false: it can't be written.
bool UpdateAccountEnv(const std::string& dir,
                      const std::string& url,
                      const std::string& device_url);

}  // namespace strata::cloud
