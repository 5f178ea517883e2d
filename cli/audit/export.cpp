// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>

#include <boost/json.hpp>

#include "audit/audit.hpp"
#include "support/files.hpp"
#include "support/output.hpp"

namespace strata::cli {
namespace {

constexpr std::uint32_t kPageSize = 1000;

/// The very text that hashes cover: the cloud writes it as Boost.JSON does (docs/spec/audit.md).
std::string LineOf(const JsonObject& object) {
  return boost::json::serialize(object) + "\n";
}

/// Whether a log that begins with entry `first` has what it follows.
bool HasStart(std::uint64_t first, const std::map<std::uint64_t, JsonObject>& checkpoints) {
  return first == 1 || checkpoints.contains(first - 1);
}

Expected<std::string> FetchLog(Api& api) {
  STRATA_TRY_ASSIGN(const JsonObject head, api.Post("/v1/AuditCheckpoints", {}));
  ListRequest all;
  all.limit = std::nullopt;
  all.page_size = kPageSize;
  STRATA_TRY_ASSIGN(const std::vector<JsonObject> signed_heads,
                    api.List("/v1/AuditCheckpoints", "audit_checkpoints", all));
  STRATA_TRY_ASSIGN(std::vector<JsonObject> entries, api.List("/v1/AuditLog", "audit_log", all));
  std::reverse(entries.begin(), entries.end());
  std::map<std::uint64_t, JsonObject> checkpoints;
  for (const JsonObject& checkpoint : signed_heads) {
    checkpoints[NumberField(checkpoint, "checkpoint")] = checkpoint;
  }
  const std::uint64_t last = NumberField(head, "checkpoint");
  if (entries.empty() || !HasStart(NumberField(entries.front(), "sequence"), checkpoints)) {
    return Local(
        Code::kCloudProtocol, "the log was pruned while it was read", "run the same command again");
  }
  std::string text;
  const auto add_checkpoint = [&](std::uint64_t sequence) {
    if (const auto found = checkpoints.find(sequence); found != checkpoints.end()) {
      text += LineOf(found->second);
    }
  };
  add_checkpoint(NumberField(entries.front(), "sequence") - 1);
  for (const JsonObject& entry : entries) {
    const std::uint64_t sequence = NumberField(entry, "sequence");
    if (sequence <= last) {
      text += LineOf(entry);
      add_checkpoint(sequence);
    }
  }
  return text;
}

}  // namespace

Outcome RunExportAudit(const ExportAuditOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const std::string text, FetchLog(api));
  if (options.file == "-") {
    session.context.out << text;
    return Done{};
  }
  STRATA_TRY(WriteFile(
      options.file, text, kPrivateFile, options.force ? Overwrite::kReplace : Overwrite::kRefuse));
  session.Info("Check it with strata audit verify " + options.file);
  return Done{};
}

void AddExportAudit(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "export",
                           "Write the whole log and its checkpoints to a file, as JSON lines",
                           "strata audit export audit.jsonl");
  auto options = std::make_shared<ExportAuditOptions>();
  verb.add_option("FILE", options->file, "New file, or - for standard output")->required();
  verb.add_flag("--force", options->force, "Replace the file when it exists");
  Bind(verb, session, options, RunExportAudit);
}

}  // namespace strata::cli
