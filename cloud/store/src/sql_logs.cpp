// SPDX-License-Identifier: Apache-2.0
// A line's number is where it ends in all that its device ever logged, in bytes: one range of
// numbers says which lines are the oldest and how much they take.
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

DeviceLogLine ReadLine(RowReader& row) {
  return {.sequence = row.Number<std::int64_t>(),
          .time = row.Number<UnixMicros>(),
          .type = row.Number<LogType>(),
          .text = row.Text()};
}

std::int64_t SizeOf(const DeviceLogLine& line) {
  return kLogLineBytes + static_cast<std::int64_t>(line.text.size());
}

}  // namespace

Result<ListedRows<DeviceLogLine>> SqlTransaction::ListLogs(const AccountSid& account,
                                                           const DeviceSid& device,
                                                           const ListQuery& query) {
  std::string sql =
      "SELECT 0, sequence, sequence, date_us, type, text FROM device_logs "
      "WHERE account_sid = $1 AND device_sid = $2 ";
  Values params = {ToValue(account), ToValue(device), ToValue(query.limit)};
  if (query.position) {
    sql += query.newer ? "AND sequence > $4 " : "AND sequence < $4 ";
    params.push_back(ToValue(query.position->sequence));
  }
  sql += query.newer ? "ORDER BY sequence LIMIT $3" : "ORDER BY sequence DESC LIMIT $3";
  STRATA_TRY_ASSIGN(const Rows rows, connection_.Query(sql, params));
  return AllRows(rows, ReadLine);
}

Result<std::int64_t> SqlTransaction::NewestLogSequence(const AccountSid& account,
                                                       const DeviceSid& device) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT log_bytes FROM devices WHERE account_sid = $1 AND sid = $2",
                        {ToValue(account), ToValue(device)}));
  STRATA_TRY_ASSIGN(const std::optional<std::int64_t> newest,
                    OneRow(rows, [](RowReader& row) { return row.Number<std::int64_t>(); }));
  return newest.value_or(0);
}

Status SqlTransaction::AppendLogs(const AccountSid& account,
                                  const DeviceSid& device,
                                  const std::vector<DeviceLogLine>& lines,
                                  std::int64_t keep_bytes) {
  STRATA_TRY_ASSIGN(std::int64_t end, NewestLogSequence(account, device));
  for (const DeviceLogLine& line : lines) {
    end += SizeOf(line);
    STRATA_TRY(
        Run("INSERT INTO device_logs (account_sid, device_sid, sequence, date_us, type, text) "
            "VALUES ($1, $2, $3, $4, $5, $6)",
            {ToValue(account),
             ToValue(device),
             ToValue(end),
             ToValue(line.time),
             ToValue(static_cast<std::int64_t>(line.type)),
             ToValue(line.text)}));
  }
  STRATA_TRY(Run("UPDATE devices SET log_bytes = $3 WHERE account_sid = $1 AND sid = $2",
                 {ToValue(account), ToValue(device), ToValue(end)}));
  // Lines are kept whole: one that begins before the border goes.
  const std::int64_t border = end - keep_bytes + kLogLineBytes + kMaxLogTextBytes;
  return Run(
      "DELETE FROM device_logs WHERE account_sid = $1 AND device_sid = $2 AND sequence <= $3",
      {ToValue(account), ToValue(device), ToValue(border)});
}

Status SqlTransaction::ForgetLogs(UnixMicros before) {
  return Run("DELETE FROM device_logs WHERE date_us < $1", {ToValue(before)});
}

}  // namespace strata::cloud
