// SPDX-License-Identifier: Apache-2.0
/// strata login: checks credentials, makes the profile, its default signing key, and registers that
/// key.
#pragma once

#include <string>

#include "support/verb.hpp"

namespace strata::cli {

struct LoginOptions {
  std::string env_file;  ///< account.env of strata-cloud init
  std::string url;
  std::string account_sid;
  std::string ca_file;
};

void AddLogin(CLI::App& root, Session& session);

/// The token comes from the env file, STRATA_AUTH_TOKEN's prompt or standard input, never from an
/// argument.
/// * Usage: an option is missing. * the cloud's refusal. * as ProfileStore::Save. Nothing is kept
/// before the cloud has accepted the credentials.
Outcome RunLogin(const LoginOptions& options, Session& session);

}  // namespace strata::cli
