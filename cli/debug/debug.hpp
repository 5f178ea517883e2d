// SPDX-License-Identifier: Apache-2.0
/// strata debug generate_keypair: the keys of docs/spec/debug.md, as files named like the
/// original's.
#pragma once

#include <string>

#include "support/verb.hpp"

namespace strata::cli {

struct GenerateDebugKeysOptions {
  std::string private_key = "debug_auth_prv_key.pem";
  std::string public_key = "debug_auth_pub_key.pem";
  bool force = false;
};

/// Writes a P-256 pair: the private key 0600, the public one for bundle create
/// --debug-auth-pubkey. * kAlreadyExists without `force`. * as GenerateKeyPair.
Outcome RunGenerateDebugKeys(const GenerateDebugKeysOptions& options, Session& session);

void AddDebug(CLI::App& noun, Session& session);

}  // namespace strata::cli
