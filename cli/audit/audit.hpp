// SPDX-License-Identifier: Apache-2.0
/// strata audit list|export|verify. Reference: docs/spec/audit.md.
#pragma once

#include <string>

#include "support/verb.hpp"

namespace strata::cli {

struct ListAuditOptions {
  ListRequest list;
  std::string actor;
  std::string action;
  std::string resource;
  std::string since;
  std::string until;
};

Outcome RunListAudit(const ListAuditOptions& options, Session& session);

struct ExportAuditOptions {
  std::string file;  ///< "-": standard output
  bool force = false;
};

/// Asks for a checkpoint and writes the log up to it, oldest first, as JSON lines with every
/// checkpoint behind the entry that it names. * kAlreadyExists: the file is there. * as WriteFile.
/// * the cloud's refusal.
Outcome RunExportAudit(const ExportAuditOptions& options, Session& session);

struct VerifyAuditOptions {
  std::string file;
  std::string key;         ///< PEM of the cloud's audit key; empty: whatever key the log names
  std::string checkpoint;  ///< file with checkpoints that the log must hold; empty: none
};

/// Without a cloud. * as VerifyAuditLog. * as ReadFile.
Outcome RunVerifyAudit(const VerifyAuditOptions& options, Session& session);

void AddListAudit(CLI::App& noun, Session& session);
void AddExportAudit(CLI::App& noun, Session& session);
void AddVerifyAudit(CLI::App& noun, Session& session);
void AddAudit(CLI::App& noun, Session& session);

}  // namespace strata::cli
