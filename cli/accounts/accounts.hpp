// SPDX-License-Identifier: Apache-2.0
/// strata accounts fetch|update: the account whose credentials are used. Making accounts is for the
/// cloud's own machine: strata-cloud accounts. Reference: docs/spec/rest.md "Account".
#pragma once

#include <optional>
#include <string>

#include "support/verb.hpp"

namespace strata::cli {

struct FetchAccountOptions {};

/// Columns and TSV say usage and limits in words. * the cloud's refusal.
Outcome RunFetchAccount(const FetchAccountOptions& options, Session& session);

struct UpdateAccountOptions {
  std::optional<std::string> friendly_name;
  std::string development_signing;  ///< "on", "off" or empty: as it is
};

/// * Usage: nothing to change. * the cloud's refusal.
Outcome RunUpdateAccount(const UpdateAccountOptions& options, Session& session);

void AddFetchAccount(CLI::App& noun, Session& session);
void AddUpdateAccount(CLI::App& noun, Session& session);
void AddAccounts(CLI::App& noun, Session& session);

}  // namespace strata::cli
