// SPDX-License-Identifier: Apache-2.0
/// strata keys rotate|revoke|apply|changes: making and sending messages that change a fleet's keys.
/// Reference: docs/spec/new-keys.md, docs/guides/rotate-keys.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/verb.hpp"

namespace strata::cli {

/// Where the message goes and where its place in the chain comes from.
struct ChainOptions {
  std::string rotation_key;  ///< private PEM file
  std::string out;           ///< empty: the message is sent
  // All of these or none; with them no cloud is asked.
  std::optional<std::uint32_t> sequence;
  std::string previous_hash;  ///< 64 hex, `sha256:` may stand before it; empty in message 1
  std::string fleet;          ///< account SID or 32 hex
};

struct RotateOptions {
  ChainOptions chain;
  std::vector<std::string> add_signers;        ///< public PEM files
  std::vector<std::string> delete_signers;     ///< key ids or public PEM files
  std::vector<std::string> add_layer_keys;     ///< private PEM files
  std::vector<std::string> receivers;          ///< public PEM files
  std::vector<std::string> delete_layer_keys;  ///< key ids or PEM files
  std::vector<std::string> cloud_cas;          ///< PEM files, one certificate each
};

/// Makes the next message of the fleet's chain and sends it, or writes it to a file.
/// * Usage: nothing to change, layer keys without receiver, half an offline place, offline without
/// --out. * kRotationKeyUnknown: the account does not know the rotation key. * kNewKeysMalformed:
/// more than a message holds. * as LoadPrivateKey, LoadPublicKey, WriteFile. * the cloud's refusal.
Outcome RunRotateKeys(const RotateOptions& options, Session& session);

struct RevokeOptions {
  ChainOptions chain;
  std::string key;                       ///< key id or public PEM file of a signer
  std::vector<std::string> add_signers;  ///< public PEM files
};

/// A message that deletes one signer. Errors as RunRotateKeys.
Outcome RunRevokeKey(const RevokeOptions& options, Session& session);

struct ApplyOptions {
  std::string file;
};

/// Sends a message that rotate or revoke wrote. * kNewKeysMalformed, before anything is sent. * the
/// cloud's refusal.
Outcome RunApplyKeys(const ApplyOptions& options, Session& session);

/// The account's chain, newest first.
Outcome RunListKeyChanges(const ListRequest& options, Session& session);

void AddRotateKeys(CLI::App& noun, Session& session);
void AddRevokeKey(CLI::App& noun, Session& session);
void AddApplyKeys(CLI::App& noun, Session& session);
void AddListKeyChanges(CLI::App& noun, Session& session);

}  // namespace strata::cli
