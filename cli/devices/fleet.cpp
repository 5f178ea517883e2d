// SPDX-License-Identifier: Apache-2.0
#include "devices/devices.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

constexpr std::string_view kTally = "devices,upToDate,pending,error";

/// A row for a person; what has no app is named instead of left empty.
JsonObject Row(const JsonObject& counts, const std::string& all = {}) {
  JsonObject row = FromApi(counts);
  const Json* sid = row.if_contains("appSid");
  if (!all.empty()) {
    row["appSid"] = all;
  } else if (sid == nullptr || sid->is_null()) {
    row["appSid"] = "(no target app)";
  }
  return row;
}

std::vector<JsonObject> Rows(const JsonObject& object, std::string_view key) {
  std::vector<JsonObject> rows;
  const Json* array = object.if_contains(key);
  if (array != nullptr && array->is_array()) {
    for (const Json& item : array->as_array()) {
      if (item.is_object()) {
        rows.push_back(item.as_object());
      }
    }
  }
  return rows;
}

}  // namespace

Outcome RunDeviceCounts(const DeviceCountsOptions& /*options*/, Session& session) {
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject counts, api.Get("/v1/DeviceCounts"));
  if (session.common.OutputFormat() == Format::kJson) {
    WriteResource(session, counts, "");
    return Done{};
  }
  std::vector<JsonObject> rows{Row(counts, "(all)")};
  for (const JsonObject& app : Rows(counts, "apps")) {
    rows.push_back(Row(app));
  }
  WriteRecords(session, rows, "appSid,uniqueName," + std::string(kTally) + ",running");
  return Done{};
}

Outcome RunDeviceHistory(const DeviceHistoryOptions& options, Session& session) {
  const auto now = session.context.wall_now();
  STRATA_TRY_ASSIGN(const std::string since, PastDate(options.since, "--since", now));
  STRATA_TRY_ASSIGN(const std::string until, PastDate(options.until, "--until", now));
  const Fields query{{"Since", since}, {"Until", until}, {"App", options.app}};
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject answer, api.Get(WithQuery("/v1/DeviceHistory", query)));
  std::vector<JsonObject> hours = Rows(answer, "hours");
  if (session.common.OutputFormat() == Format::kJson) {
    WriteResources(session, hours, "");
    return Done{};
  }
  std::vector<JsonObject> rows;
  for (const JsonObject& hour : hours) {
    rows.push_back(Row(hour));
  }
  WriteRecords(session, rows, "date,appSid," + std::string(kTally));
  return Done{};
}

void AddDeviceCounts(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "counts",
                           "How many devices there are, by state and by target app",
                           "strata devices counts");
  Bind(verb, session, std::make_shared<DeviceCountsOptions>(), RunDeviceCounts);
}

void AddDeviceHistory(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "history",
                           "The counts as they stood hour by hour, oldest first",
                           "strata devices history --since 7d --app my-app-1.0");
  auto options = std::make_shared<DeviceHistoryOptions>();
  verb.add_option("--since",
                  options->since,
                  "From a date such as 2026-01-31T12:00:00Z or so long ago: 90m, 24h, 7d (default "
                  "24h; kept for 31 days)");
  verb.add_option("--until", options->until, "Before such a date (default now)");
  verb.add_option("--app", options->app, "One target app only: its SID or unique name");
  Bind(verb, session, options, RunDeviceHistory);
}

}  // namespace strata::cli
