// SPDX-License-Identifier: Apache-2.0
#include "apps/prune.hpp"

#include <cstdio>
#include <map>
#include <set>

#include <boost/json.hpp>

#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

using std::chrono::system_clock;
using Holders = std::map<std::string, std::set<std::string>>;

constexpr int kNotThere = 20404;
constexpr int kDeployed = 65004;

std::optional<system_clock::time_point> ParseDate(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  char end = 0;
  const int read = std::sscanf(text.c_str(),
                               "%4d-%2u-%2uT%2d:%2d:%2d%c",
                               &year,
                               &month,
                               &day,
                               &hour,
                               &minute,
                               &second,
                               &end);
  const std::chrono::year_month_day date{
      std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (read != 7 || end != 'Z' || text.size() != 20 || !date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

Holders HoldersOf(const std::vector<JsonObject>& devices) {
  Holders holders;
  for (const JsonObject& device : devices) {
    const JsonObject app = ObjectField(device, "app");
    for (const char* field : {"target_sid", "reported_sid"}) {
      if (const std::string sid = TextField(app, field); !sid.empty()) {
        holders[sid].insert(TextField(device, "sid"));
      }
    }
  }
  return holders;
}

Expected<std::vector<JsonObject>> All(Api& api, const std::string& path, std::string_view key) {
  ListRequest everything;
  everything.limit = std::nullopt;
  return api.List(path, key, everything);
}

/// What becomes of one app when the cloud was asked to delete it.
std::string ResultOf(const Outcome& removed) {
  if (removed.ok() || removed.error().code == kNotThere) {
    return "removed";
  }
  return removed.error().code == kDeployed ? "deployed" : "failed";
}

void Show(const Session& session, const std::vector<PrunedApp>& plan) {
  std::vector<JsonObject> records;
  std::map<std::string, int> counts;
  for (const PrunedApp& entry : plan) {
    JsonObject record = FromApi(entry.app);
    record["result"] = entry.result;
    record["devices"] = boost::json::array(entry.devices.begin(), entry.devices.end());
    records.push_back(std::move(record));
    ++counts[entry.result];
  }
  WriteRecords(session, records, "sid,uniqueName,dateCreated,result,devices");
  std::string line;
  for (const auto& [result, count] : counts) {
    line += (line.empty() ? "" : ", ") + std::to_string(count) + " " + result;
  }
  if (!line.empty()) {
    session.Info("Old apps: " + line);
  }
}

}  // namespace

std::vector<PrunedApp> PlanPrune(const std::vector<JsonObject>& apps,
                                 const std::vector<JsonObject>& devices,
                                 std::uint32_t keep,
                                 system_clock::time_point now,
                                 std::chrono::seconds age) {
  const Holders holders = HoldersOf(devices);
  std::vector<PrunedApp> plan;
  for (std::size_t i = 0; i < apps.size(); ++i) {
    const std::optional<system_clock::time_point> made =
        ParseDate(TextField(apps[i], "date_created"));
    if (TextField(apps[i], "sid").empty() || (made && now - *made < age)) {
      continue;
    }
    PrunedApp entry{.app = apps[i], .result = {}};
    const auto found = holders.find(TextField(apps[i], "sid"));
    if (found != holders.end()) {
      entry.devices.assign(found->second.begin(), found->second.end());
      entry.result = "deployed";
    } else if (i < keep) {
      entry.result = "newest";
    } else if (!made) {
      entry.result = "unknown age";
    }
    plan.push_back(std::move(entry));
  }
  return plan;
}

Outcome RunPruneApps(const PruneOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const std::chrono::seconds age,
                    ParseDuration(options.older_than, "--older-than"));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const std::vector<JsonObject> apps, All(api, "/v1/Apps", "apps"));
  STRATA_TRY_ASSIGN(const std::vector<JsonObject> devices, All(api, "/v1/Devices", "devices"));
  std::vector<PrunedApp> plan =
      PlanPrune(apps, devices, options.keep, session.context.wall_now(), age);
  Outcome first = Done{};
  for (PrunedApp& entry : plan) {
    if (!entry.result.empty()) {
      continue;
    }
    if (options.dry_run) {
      entry.result = "would be removed";
      continue;
    }
    const Outcome removed = api.Delete("/v1/Apps/" + PercentEncode(TextField(entry.app, "sid")));
    entry.result = ResultOf(removed);
    if (entry.result != "failed") {
      continue;
    }
    first = first.ok() ? removed : first;
    if (removed.error().source == Problem::Source::kHere) {
      break;
    }
  }
  std::erase_if(plan, [](const PrunedApp& entry) { return entry.result.empty(); });
  Show(session, plan);
  if (first.ok()) {
    return first;
  }
  Problem problem = first.error();
  problem.told = true;  // -o json: the list stands on stdout already
  return problem;
}

void AddPruneApps(CLI::App& noun, Session& session) {
  CLI::App& verb =
      AddVerb(noun,
              session,
              "prune",
              "Delete old apps that no device runs or shall run. Asks nothing. Exit code 0: "
              "each old app is removed or a device holds it; else that of the first failure",
              "strata apps prune --older-than 24h --dry-run");
  auto options = std::make_shared<PruneOptions>();
  verb.add_option(
          "--older-than", options->older_than, "Age from which on an app is old: 30s, 90m, 24h, 7d")
      ->required();
  verb.add_option("--keep", options->keep, "Newest apps that stay whatever their age")
      ->capture_default_str();
  verb.add_flag("--dry-run", options->dry_run, "Only show what would be done");
  Bind(verb, session, options, RunPruneApps);
}

}  // namespace strata::cli
