// SPDX-License-Identifier: Apache-2.0
// Tags, counts and hours of devices.
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

constexpr char kTagSeparator = ',';

/// "" stands for no app where a column of a key can't be NULL.
std::optional<AppSid> ReadTarget(RowReader& row, bool& ok) {
  const std::optional<std::string> text = row.Optional([](RowReader& r) { return r.Text(); });
  if (!text || text->empty()) {
    return std::nullopt;
  }
  std::optional<AppSid> sid = AppSid::Parse(*text);
  ok = ok && sid.has_value();
  return sid;
}

/// All rows, each taken apart by `read`.
template <typename Read>
auto EachRow(const Rows& rows, Read read)
    -> Result<std::vector<std::invoke_result_t<Read, RowReader&, bool&>>> {
  std::vector<std::invoke_result_t<Read, RowReader&, bool&>> all;
  all.reserve(rows.size());
  for (const Values& values : rows) {
    RowReader row(values);
    bool ok = true;
    all.push_back(read(row, ok));
    if (!row.ok() || !ok) {
      return DamagedRow();
    }
  }
  return all;
}

DeviceCount ReadCount(RowReader& row, bool& ok) {
  return {.target = ReadTarget(row, ok),
          .status = row.Number<UpdateStatus>(),
          .devices = row.Number<std::uint64_t>()};
}

}  // namespace

std::string JoinTags(const std::vector<std::string>& tags) {
  std::string text;
  for (const std::string& tag : tags) {
    text += text.empty() ? "" : std::string(1, kTagSeparator);
    text += tag;
  }
  return text;
}

std::vector<std::string> SplitTags(std::string_view text) {
  std::vector<std::string> tags;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(kTagSeparator), text.size());
    tags.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return tags;
}

Result<std::vector<DeviceCount>> SqlTransaction::CountDevices(const AccountSid& account) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT target_sid, update_status, count(*) FROM devices "
                                      "WHERE account_sid = $1 GROUP BY target_sid, update_status",
                                      {ToValue(account)}));
  return EachRow(rows, ReadCount);
}

Result<std::vector<RunningCount>> SqlTransaction::CountRunning(const AccountSid& account) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT reported_sid, count(*) FROM devices "
                                      "WHERE account_sid = $1 AND reported_sid IS NOT NULL "
                                      "GROUP BY reported_sid",
                                      {ToValue(account)}));
  return EachRow(rows, [](RowReader& row, bool&) {
    return RunningCount{.app = row.TakeSid<AppSid>(), .devices = row.Number<std::uint64_t>()};
  });
}

Result<std::vector<HourCount>> SqlTransaction::ListHours(const AccountSid& account,
                                                         const HourQuery& query) {
  std::string sql =
      "SELECT hour, target_sid, update_status, devices FROM device_hours "
      "WHERE account_sid = $1 AND hour >= $2 AND hour < $3 ";
  Values params = {
      ToValue(account), ToValue(query.since), ToValue(query.until), ToValue(query.limit)};
  if (query.target) {
    sql += "AND target_sid = $5 ";
    params.push_back(ToValue(*query.target));
  }
  sql += "ORDER BY hour, target_sid, update_status LIMIT $4";
  STRATA_TRY_ASSIGN(const Rows rows, connection_.Query(sql, params));
  return EachRow(rows, [](RowReader& row, bool& ok) {
    return HourCount{.hour = row.Number<UnixSeconds>(), .count = ReadCount(row, ok)};
  });
}

Status SqlTransaction::SetTags(const AccountSid& account,
                               const DeviceSid& device,
                               const std::vector<std::string>& tags) {
  STRATA_TRY(Run("UPDATE devices SET tags = $3 WHERE account_sid = $1 AND sid = $2",
                 {ToValue(account), ToValue(device), ToValue(JoinTags(tags))}));
  STRATA_TRY(Run("DELETE FROM device_tags WHERE account_sid = $1 AND device_sid = $2",
                 {ToValue(account), ToValue(device)}));
  for (const std::string& tag : tags) {
    STRATA_TRY(Run("INSERT INTO device_tags (account_sid, device_sid, tag) VALUES ($1, $2, $3)",
                   {ToValue(account), ToValue(device), ToValue(tag)}));
  }
  return {};
}

/// An account without devices has a row of 0 too: it says that the hour was counted, or the hour
/// would be counted again when the first device comes.
Status SqlTransaction::RecordHour(UnixSeconds hour) {
  return Run(
      "INSERT INTO device_hours (account_sid, hour, target_sid, update_status, devices) "
      "SELECT a.sid, $1, coalesce(d.target_sid, ''), coalesce(d.update_status, 0), count(d.sid) "
      "FROM accounts a LEFT JOIN devices d ON d.account_sid = a.sid "
      "WHERE NOT EXISTS (SELECT 1 FROM device_hours WHERE hour = $1) "
      "GROUP BY a.sid, d.target_sid, d.update_status",
      {ToValue(hour)});
}

Status SqlTransaction::ForgetHours(UnixSeconds before) {
  return Run("DELETE FROM device_hours WHERE hour < $1", {ToValue(before)});
}

}  // namespace strata::cloud
