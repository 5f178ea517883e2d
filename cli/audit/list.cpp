// SPDX-License-Identifier: Apache-2.0
#include "audit/audit.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

Expected<std::string> PathOf(const ListAuditOptions& options, const Session& session) {
  const auto now = session.context.wall_now();
  STRATA_TRY_ASSIGN(const std::string since, PastDate(options.since, "--since", now));
  STRATA_TRY_ASSIGN(const std::string until, PastDate(options.until, "--until", now));
  return WithQuery("/v1/AuditLog",
                   {{"Actor", options.actor},
                    {"Action", options.action},
                    {"Resource", options.resource},
                    {"Since", since},
                    {"Until", until}});
}

}  // namespace

Outcome RunListAudit(const ListAuditOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const std::string path, PathOf(options, session));
  return ShowList(session, path, "audit_log", "sequence,date,actor,action,resource", options.list);
}

void AddListAudit(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "list",
                           "List the account's changes, newest first, or those that meet all "
                           "filters",
                           "strata audit list --action app.delete");
  auto options = std::make_shared<ListAuditOptions>();
  AddListOptions(verb, options->list);
  const auto add = [&verb](const char* name, std::string& value, const char* what) {
    return verb.add_option(name, value, what)->group("Filter");
  };
  add("--actor", options->actor, "Who: SID of an account (its token) or API key, or local:UID");
  add("--action", options->action, "What, for example device.update");
  add("--resource", options->resource, "SID, key id, or key of a config or secret");
  add("--since",
      options->since,
      "From a date such as 2026-01-31T12:00:00Z or so long ago: 90m, 24h, 7d");
  add("--until", options->until, "Before such a date");
  Bind(verb, session, options, RunListAudit);
}

void AddAudit(CLI::App& noun, Session& session) {
  AddListAudit(noun, session);
  AddExportAudit(noun, session);
  AddVerifyAudit(noun, session);
}

}  // namespace strata::cli
