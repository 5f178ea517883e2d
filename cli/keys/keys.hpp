// SPDX-License-Identifier: Apache-2.0
/// strata keys generate|register|list; the others are in rotate.hpp.
#pragma once

#include <string>

#include "support/verb.hpp"

namespace strata::cli {

struct GenerateKeyOptions {
  std::string type;  ///< signing, layer, rotation, receiver or debug
  std::string out;
  bool force = false;
};

/// Makes a key pair in files. * kAlreadyExists: without force, also when only FILE.pub stands
/// there. * as WriteFile.
Outcome RunGenerateKey(const GenerateKeyOptions& options, Session& session);

struct RegisterKeyOptions {
  std::string file;
  std::string friendly_name;
  std::string type = "signing";  ///< or rotation
};

/// Makes a manifest signer or a rotation key known to the account. * kKeyUnreadable, kKeyWrongType
/// (also for a private key, which is never sent). * the cloud's refusal.
Outcome RunRegisterKey(const RegisterKeyOptions& options, Session& session);

/// The account's keys; a line on stderr says where its chain of key changes stands.
Outcome RunListKeys(const ListRequest& options, Session& session);

void AddGenerateKey(CLI::App& noun, Session& session);
void AddRegisterKey(CLI::App& noun, Session& session);
void AddListKeys(CLI::App& noun, Session& session);
void AddKeys(CLI::App& noun, Session& session);

}  // namespace strata::cli
