// SPDX-License-Identifier: Apache-2.0
#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud::http {
namespace {

boost::json::value AppSidOrNull(const std::optional<AppSid>& app) {
  return OrNull(app, [](const AppSid& sid) { return Text(sid.text()); });
}

void AddTally(boost::json::object& object, const DeviceTally& tally) {
  object["devices"] = tally.total();
  object["up_to_date"] = tally.up_to_date;
  object["pending"] = tally.pending;
  object["error"] = tally.error;
}

}  // namespace

std::string DeviceCountsJson(const DeviceCounts& counts, std::string_view base_url) {
  boost::json::object object;
  object["account_sid"] = Text(counts.account_sid.text());
  object["date"] = Text(DateText(counts.date));
  AddTally(object, counts.devices);
  boost::json::array apps;
  for (const AppTally& tally : counts.apps) {
    boost::json::object app;
    app["app_sid"] = AppSidOrNull(tally.app);
    app["unique_name"] = OrNull(tally.unique_name);
    AddTally(app, tally.devices);
    app["running"] = tally.running;
    apps.push_back(std::move(app));
  }
  object["apps"] = std::move(apps);
  object["url"] = Text(std::string(base_url) + "/v1/DeviceCounts");
  return boost::json::serialize(object);
}

std::string DeviceHistoryJson(const std::vector<HourTally>& hours, std::string_view base_url) {
  boost::json::array rows;
  for (const HourTally& hour : hours) {
    boost::json::object row;
    row["date"] = Text(DateText(hour.hour));
    row["app_sid"] = AppSidOrNull(hour.app);
    AddTally(row, hour.devices);
    rows.push_back(std::move(row));
  }
  boost::json::object object;
  object["hours"] = std::move(rows);
  object["url"] = Text(std::string(base_url) + "/v1/DeviceHistory");
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
