// SPDX-License-Identifier: Apache-2.0
#include "audit/audit.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

std::string PathOf(const ListAuditOptions& options) {
  const Fields filters{{"Actor", options.actor},
                       {"Action", options.action},
                       {"Resource", options.resource},
                       {"Since", options.since},
                       {"Until", options.until}};
  std::string path = "/v1/AuditLog";
  char before = '?';
  for (const auto& [name, value] : filters) {
    if (!value.empty()) {
      path += before + name + "=" + PercentEncode(value);
      before = '&';
    }
  }
  return path;
}

}  // namespace

Outcome RunListAudit(const ListAuditOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const std::vector<JsonObject> entries,
                    api.List(PathOf(options), "audit_log", options.list));
  WriteResources(session, entries, "sequence,date,actor,action,resource");
  return Done{};
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
  add("--since", options->since, "Not before a date such as 2026-01-31T12:00:00Z");
  add("--until", options->until, "Before a date");
  Bind(verb, session, options, RunListAudit);
}

void AddAudit(CLI::App& noun, Session& session) {
  AddListAudit(noun, session);
  AddExportAudit(noun, session);
  AddVerifyAudit(noun, session);
}

}  // namespace strata::cli
