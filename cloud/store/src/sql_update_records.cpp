// SPDX-License-Identifier: Apache-2.0
// What became of each update of a device.
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadRecord takes them.
#define STRATA_UPDATE_COLUMNS                                                              \
  "sequence, account_sid, device_sid, deployment_id, app_sid, app_name, manifest_hash, "   \
  "outcome, error_code, error_op, error_detail, update_state, bytes_staged, bytes_total, " \
  "date_targeted, date_started, date_ended"

std::optional<UnixSeconds> ReadDate(RowReader& row) {
  return row.Optional([](RowReader& r) { return r.Number<UnixSeconds>(); });
}

UpdateRecord ReadRecord(RowReader& row) {
  return {.sequence = row.Number<std::int64_t>(),
          .account_sid = row.TakeSid<AccountSid>(),
          .device_sid = row.TakeSid<DeviceSid>(),
          .deployment_id = row.Array<16>(),
          .app_sid = row.TakeSid<AppSid>(),
          .app_name = row.Optional([](RowReader& r) { return r.Text(); }),
          .manifest_hash = row.TakeDigest(),
          .outcome = row.Number<UpdateOutcome>(),
          .error = {.code = row.Number<std::uint32_t>(),
                    .op = row.Number<std::uint32_t>(),
                    .detail = row.Number<std::uint32_t>()},
          .progress = {.state = row.Number<std::uint32_t>(),
                       .bytes_staged = row.Number<std::uint32_t>(),
                       .bytes_total = row.Number<std::uint32_t>()},
          .date_targeted = row.Number<UnixSeconds>(),
          .date_started = ReadDate(row),
          .date_ended = ReadDate(row)};
}

Value OutcomeValue(UpdateOutcome outcome) {
  return Value(static_cast<std::int64_t>(outcome));
}

}  // namespace

Result<ListedRows<UpdateRecord>> SqlTransaction::ListUpdates(const AccountSid& account,
                                                             const DeviceSid& device,
                                                             const ListQuery& query) {
  std::string sql = "SELECT 0, sequence, " STRATA_UPDATE_COLUMNS
                    " FROM device_updates WHERE account_sid = $1 AND device_sid = $2 ";
  Values params = {ToValue(account), ToValue(device), ToValue(query.limit)};
  if (query.position) {
    sql += query.newer ? "AND sequence > $4 " : "AND sequence < $4 ";
    params.push_back(ToValue(query.position->sequence));
  }
  sql += query.newer ? "ORDER BY sequence LIMIT $3" : "ORDER BY sequence DESC LIMIT $3";
  STRATA_TRY_ASSIGN(const Rows rows, connection_.Query(sql, params));
  return AllRows(rows, ReadRecord);
}

Result<std::optional<UpdateRecord>> SqlTransaction::FindUpdate(const AccountSid& account,
                                                               const DeviceSid& device,
                                                               const DeploymentId& deployment) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_UPDATE_COLUMNS
                                      " FROM device_updates WHERE account_sid = $1 AND "
                                      "device_sid = $2 AND deployment_id = $3",
                                      {ToValue(account), ToValue(device), ToValue(deployment)}));
  return OneRow(rows, ReadRecord);
}

Status SqlTransaction::InsertUpdate(const UpdateRecord& update, std::uint32_t keep) {
  STRATA_TRY_ASSIGN(const std::int64_t sequence, NextSequence(update.account_sid));
  STRATA_TRY(
      Run("INSERT INTO device_updates (account_sid, sequence, device_sid, deployment_id, app_sid, "
          "app_name, "
          "manifest_hash, outcome, error_code, error_op, error_detail, update_state, bytes_staged, "
          "bytes_total, "
          "date_targeted, date_started, date_ended"
          ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
          {ToValue(update.account_sid),
           ToValue(sequence),
           ToValue(update.device_sid),
           ToValue(update.deployment_id),
           ToValue(update.app_sid),
           ToValue(update.app_name),
           ToValue(update.manifest_hash),
           OutcomeValue(update.outcome),
           ToValue(update.error.code),
           ToValue(update.error.op),
           ToValue(update.error.detail),
           ToValue(update.progress.state),
           ToValue(update.progress.bytes_staged),
           ToValue(update.progress.bytes_total),
           ToValue(update.date_targeted),
           ToValue(update.date_started),
           ToValue(update.date_ended)}));
  return Run(
      "DELETE FROM device_updates WHERE account_sid = $1 AND device_sid = $2 AND sequence <= "
      "(SELECT sequence FROM device_updates WHERE account_sid = $1 AND device_sid = $2 ORDER BY "
      "sequence DESC LIMIT 1 OFFSET $3)",
      {ToValue(update.account_sid), ToValue(update.device_sid), ToValue(keep)});
}

Status SqlTransaction::ChangeUpdate(const UpdateRecord& update) {
  return Run(
      "UPDATE device_updates SET outcome = $4, error_code = $5, error_op = $6, error_detail = $7, "
      "update_state = $8, bytes_staged = $9, bytes_total = $10, date_started = $11, "
      "date_ended = $12 WHERE account_sid = $1 AND device_sid = $2 AND sequence = $3",
      {ToValue(update.account_sid),
       ToValue(update.device_sid),
       ToValue(update.sequence),
       OutcomeValue(update.outcome),
       ToValue(update.error.code),
       ToValue(update.error.op),
       ToValue(update.error.detail),
       ToValue(update.progress.state),
       ToValue(update.progress.bytes_staged),
       ToValue(update.progress.bytes_total),
       ToValue(update.date_started),
       ToValue(update.date_ended)});
}

}  // namespace strata::cloud
