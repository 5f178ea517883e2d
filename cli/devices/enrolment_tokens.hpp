// SPDX-License-Identifier: Apache-2.0
/// strata devices enrolment-tokens create|list|revoke: what lets devices in at a factory.
/// Reference: docs/spec/enrolment.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/verb.hpp"

namespace strata::cli {

struct CreateTokensOptions {
  std::uint32_t count = 1;
  std::string valid = "7d";
  std::string hardware = "stm32u585";
  std::vector<std::string> tags;
  std::string friendly_name;
  std::string out;  ///< directory for one file a token; empty: the tokens are shown
};

/// * Usage: a tag with a comma. * kInvalidArgument: `valid`. * the cloud's refusal. * as WriteFile:
/// then all tokens of this call are revoked again.
Outcome RunCreateTokens(const CreateTokensOptions& options, Session& session);

struct RevokeTokenOptions {
  std::string sid;
};

/// * the cloud's refusal.
Outcome RunRevokeToken(const RevokeTokenOptions& options, Session& session);

/// The text of a token in `file`. * as ReadSecretFile. * kMalformed: there is none in it; the
/// message does not show what is.
Expected<std::string> ReadTokenFile(const std::string& file);

void AddEnrolmentTokens(CLI::App& devices, Session& session);

}  // namespace strata::cli
