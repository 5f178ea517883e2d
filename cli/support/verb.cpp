// SPDX-License-Identifier: Apache-2.0
#include "support/verb.hpp"

#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {

CLI::App& AddVerb(CLI::App& noun,
                  Session& session,
                  const std::string& name,
                  const std::string& description,
                  const std::string& example) {
  CLI::App& verb = *noun.add_subcommand(name, description);
  CommonOptions& common = session.common;
  verb.add_option("-o,--output,--cli-output-format", common.format, "columns, json, tsv or none")
      ->check(CLI::IsMember({"columns", "json", "tsv", "none"}))
      ->group("Output");
  verb.add_option("--properties", common.properties, "Columns to show, comma-separated")
      ->group("Output");
  verb.add_flag("--no-header", common.no_header, "Leave the heading line out")->group("Output");
  verb.add_option("-l,--cli-log-level", common.log_level, "debug, info, warn, error or none")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "none"}))
      ->group("Output");
  verb.add_flag("--silent", common.silent, "Nothing on stdout and stderr; the exit code tells")
      ->group("Output");
  verb.add_option("-p,--profile", common.profile, "Profile to use instead of the active one")
      ->group("Cloud");
  // Scripts for the original may have it; parameters are checked by the cloud in any case.
  verb.add_flag_callback(
          "--skip-parameter-validation", [] {}, "Changes nothing")
      ->group("");
  verb.footer("Example:\n  " + example);
  return verb;
}

void AddListOptions(CLI::App& verb, ListRequest& request) {
  auto* limit = verb.add_option("--limit", request.limit, "Most items to show (default 50)");
  limit->group("List");
  verb.add_flag_callback(
          "--no-limit", [&request] { request.limit.reset(); }, "Show all items")
      ->excludes(limit)
      ->group("List");
  verb.add_option("--page-size", request.page_size, "Items per request")
      ->check(CLI::Range(1, 1000))
      ->group("List");
  verb.add_option("--page", request.page, "The client's own page count")->group("List");
  verb.add_option("--page-token", request.page_token, "Token of the page to begin with")
      ->group("List");
}

CLI::Validator WholeSeconds() {
  const auto check = [](const std::string& text) {
    const Expected<std::uint32_t> seconds = ParseNumber(text, "seconds");
    return seconds.ok() && seconds.value() > 0
               ? std::string()
               : "'" + text + "' is no length of time: give whole seconds from 1 on, such as 600";
  };
  return CLI::Validator(check, "");
}

void AddSidOption(CLI::App& verb, std::string& sid, const std::string& alias, UniqueNames names) {
  auto* option = verb.add_option("--sid" + (alias.empty() ? "" : "," + alias),
                                 sid,
                                 names == UniqueNames::kYes ? "SID or unique name" : "SID");
  verb.add_option("SID", sid, "The same, without --sid")->excludes(option);
}

Outcome ShowList(const Session& session,
                 const std::string& path,
                 std::string_view key,
                 std::string_view default_properties,
                 const ListRequest& request) {
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const std::vector<JsonObject> resources, api.List(path, key, request));
  WriteResources(session, resources, default_properties);
  return Done{};
}

Outcome RemoveResource(const Session& session, const std::string& path) {
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  const Outcome removed = api.Delete(path);
  session.Info(removed.ok() ? "The resource was deleted successfully"
                            : "Failed to delete the resource");
  return removed;
}

Outcome RequireSid(const std::string& sid, const std::string& what, UniqueNames names) {
  if (sid.empty()) {
    return Usage("name the " + what + " with --sid SID" +
                 (names == UniqueNames::kYes ? "_OR_NAME" : ""));
  }
  return Done{};
}

}  // namespace strata::cli
