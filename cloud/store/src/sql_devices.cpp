// SPDX-License-Identifier: Apache-2.0
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadDevice takes them.
#define STRATA_DEVICE_COLUMNS                                                               \
  "sid, account_sid, unique_name, hardware_type, development, target_sid, target_hash, "    \
  "date_targeted, update_status, update_error_code, update_error_op, update_error_detail, " \
  "reported_sid, date_reported, deployment_id, update_state, bytes_staged, bytes_total, "   \
  "logging_enabled, logging_expires, restart_counter, keys_sequence, keys_error, "          \
  "date_created, date_updated, date_last_seen, tags"
// And these ReadRecord, after them.
#define STRATA_RECORD_COLUMNS \
  STRATA_DEVICE_COLUMNS ", public_key, fingerprint, receipt_counter, updating_sid"

std::optional<UnixSeconds> ReadDate(RowReader& row) {
  return row.Optional([](RowReader& r) { return r.Number<UnixSeconds>(); });
}

std::optional<AppSid> ReadAppSid(RowReader& row) {
  return row.Optional([](RowReader& r) { return r.TakeSid<AppSid>(); });
}

DeviceApp ReadDeviceApp(RowReader& row) {
  return {.target_sid = ReadAppSid(row),
          .target_hash = row.Optional([](RowReader& r) { return r.TakeDigest(); }),
          .date_targeted = ReadDate(row),
          .update_status = row.Number<UpdateStatus>(),
          .update_error_code = row.Number<std::uint32_t>(),
          .update_error_op = row.Number<std::uint32_t>(),
          .update_error_detail = row.Number<std::uint32_t>(),
          .reported_sid = ReadAppSid(row),
          .date_reported = ReadDate(row),
          .deployment_id = row.Optional([](RowReader& r) { return r.Array<16>(); }),
          .update_state = row.Number<std::uint32_t>(),
          .bytes_staged = row.Number<std::uint32_t>(),
          .bytes_total = row.Number<std::uint32_t>()};
}

Device ReadDevice(RowReader& row) {
  Device device{.sid = row.TakeSid<DeviceSid>(),
                .account_sid = row.TakeSid<AccountSid>(),
                .unique_name = row.Optional([](RowReader& r) { return r.Text(); }),
                .hardware_type = row.Text(),
                .development = row.Flag(),
                .app = ReadDeviceApp(row),
                .logging_enabled = row.Flag(),
                .logging_expires = ReadDate(row),
                .restart_counter = row.Number<std::uint32_t>(),
                .keys_sequence = row.Number<std::uint32_t>(),
                .keys_error_code = row.Number<std::uint32_t>(),
                .date_created = row.Number<UnixSeconds>(),
                .date_updated = row.Number<UnixSeconds>(),
                .date_last_seen = ReadDate(row)};
  device.tags = SplitTags(row.Text());
  return device;
}

DeviceRecord ReadRecord(RowReader& row) {
  return {.device = ReadDevice(row),
          .public_key = row.Array<65>(),
          .fingerprint = row.TakeDigest(),
          .receipt_counter = row.Number<std::uint64_t>(),
          .updating_sid = ReadAppSid(row)};
}

/// The values of UpdateDevice's $3 … $24, in this order.
void AppendMutable(Values& values, const DeviceRecord& record) {
  const Device& device = record.device;
  const DeviceApp& app = device.app;
  for (Value& value : Values{
           ToValue(device.unique_name),      ToValue(app.target_sid),
           ToValue(app.target_hash),         ToValue(app.deployment_id),
           ToValue(app.date_targeted),       ToValue(static_cast<std::int64_t>(app.update_status)),
           ToValue(app.update_error_code),   ToValue(app.update_error_op),
           ToValue(app.update_error_detail), ToValue(app.update_state),
           ToValue(app.bytes_staged),        ToValue(app.bytes_total),
           ToValue(app.reported_sid),        ToValue(app.date_reported),
           ToValue(record.updating_sid),     ToValue(record.receipt_counter),
           ToValue(device.logging_enabled),  ToValue(device.logging_expires),
           ToValue(device.restart_counter),  ToValue(device.date_updated),
           ToValue(device.keys_sequence),    ToValue(device.keys_error_code)}) {
    values.push_back(std::move(value));
  }
}

}  // namespace

Result<std::optional<DeviceRecord>> SqlTransaction::FindDevice(const AccountSid& account,
                                                               const DeviceSid& sid) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_RECORD_COLUMNS
                                      " FROM devices WHERE account_sid = $1 AND sid = $2",
                                      {ToValue(account), ToValue(sid)}));
  return OneRow(rows, ReadRecord);
}

Result<std::optional<DeviceRecord>> SqlTransaction::FindDeviceNamed(const AccountSid& account,
                                                                    std::string_view unique_name) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_RECORD_COLUMNS
                                      " FROM devices WHERE account_sid = $1 AND unique_name = $2",
                                      {ToValue(account), ToValue(unique_name)}));
  return OneRow(rows, ReadRecord);
}

Result<std::optional<DeviceRecord>> SqlTransaction::FindDeviceByFingerprint(
    const Digest& fingerprint) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT " STRATA_RECORD_COLUMNS " FROM devices WHERE fingerprint = $1",
                        {ToValue(fingerprint)}));
  return OneRow(rows, ReadRecord);
}

Result<ListedRows<Device>> SqlTransaction::ListDevices(const AccountSid& account,
                                                       const ListQuery& query,
                                                       const DeviceFilter& filter) {
  std::vector<Condition> conditions;
  if (filter.status) {
    conditions.push_back({"update_status = #", Value(static_cast<std::int64_t>(*filter.status))});
  }
  if (filter.target) {
    conditions.push_back({"target_sid = #", ToValue(*filter.target)});
  }
  if (!filter.name_prefix.empty()) {
    conditions.push_back({"unique_name >= #", ToValue(filter.name_prefix)});
  }
  if (filter.name_end) {
    conditions.push_back({"unique_name < #", ToValue(*filter.name_end)});
  }
  if (filter.tag) {
    conditions.push_back(
        {"sid IN (SELECT device_sid FROM device_tags WHERE account_sid = $1 AND tag = #)",
         ToValue(*filter.tag)});
  }
  if (filter.silent_since) {
    conditions.push_back({"coalesce(date_last_seen, 0) < #", ToValue(*filter.silent_since)});
  }
  STRATA_TRY_ASSIGN(
      const Rows rows,
      ListPage("SELECT date_created, sequence, " STRATA_DEVICE_COLUMNS " FROM devices",
               account,
               query,
               conditions));
  return AllRows(rows, ReadDevice);
}

Result<std::vector<DeviceRecord>> SqlTransaction::SilentDevices(
    const std::optional<DeviceRecord>& last,
    UnixSeconds before,
    UnixSeconds now,
    std::uint32_t limit) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT " STRATA_RECORD_COLUMNS
                        " FROM devices WHERE update_status = 1 AND (account_sid, sid) > ($1, $2) "
                        "AND ((date_targeted < $3 AND coalesce(date_last_seen, 0) < $3) "
                        "OR date_targeted > $4 OR date_last_seen > $4) "
                        "ORDER BY account_sid, sid LIMIT $5",
                        {last ? ToValue(last->device.account_sid) : ToValue(std::string_view()),
                         last ? ToValue(last->device.sid) : ToValue(std::string_view()),
                         ToValue(before),
                         ToValue(now),
                         ToValue(limit)}));
  std::vector<DeviceRecord> all;
  all.reserve(rows.size());
  for (const Values& values : rows) {
    RowReader row(values);
    all.push_back(ReadRecord(row));
    if (!row.ok()) {
      return DamagedRow();
    }
  }
  return all;
}

Status SqlTransaction::InsertDevice(const DeviceRecord& record) {
  const Device& device = record.device;
  STRATA_TRY_ASSIGN(const std::int64_t sequence, NextSequence(device.account_sid));
  Values values = {ToValue(device.account_sid), ToValue(device.sid)};
  AppendMutable(values, record);
  for (Value& value : Values{ToValue(sequence),
                             ToValue(device.hardware_type),
                             ToValue(device.development),
                             ToValue(record.public_key),
                             ToValue(record.fingerprint),
                             ToValue(device.date_created)}) {
    values.push_back(std::move(value));
  }
  return Run(
      "INSERT INTO devices (account_sid, sid, unique_name, target_sid, target_hash, "
      "deployment_id, date_targeted, update_status, update_error_code, update_error_op, "
      "update_error_detail, update_state, bytes_staged, bytes_total, reported_sid, "
      "date_reported, updating_sid, receipt_counter, logging_enabled, logging_expires, "
      "restart_counter, date_updated, keys_sequence, keys_error, sequence, hardware_type, "
      "development, public_key, fingerprint, date_created) VALUES ($1, $2, $3, $4, $5, $6, $7, "
      "$8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, "
      "$26, $27, $28, $29, $30)",
      values);
}

Status SqlTransaction::UpdateDevice(const DeviceRecord& record) {
  Values values = {ToValue(record.device.account_sid), ToValue(record.device.sid)};
  AppendMutable(values, record);
  return Run(
      "UPDATE devices SET unique_name = $3, target_sid = $4, target_hash = $5, "
      "deployment_id = $6, date_targeted = $7, update_status = $8, update_error_code = $9, "
      "update_error_op = $10, update_error_detail = $11, update_state = $12, "
      "bytes_staged = $13, bytes_total = $14, reported_sid = $15, date_reported = $16, "
      "updating_sid = $17, receipt_counter = $18, logging_enabled = $19, logging_expires = $20, "
      "restart_counter = $21, date_updated = $22, keys_sequence = $23, keys_error = $24 WHERE "
      "account_sid = $1 AND sid = $2",
      values);
}

Status SqlTransaction::TouchDevice(const AccountSid& account,
                                   const DeviceSid& sid,
                                   UnixSeconds now) {
  return Run("UPDATE devices SET date_last_seen = $3 WHERE account_sid = $1 AND sid = $2",
             {ToValue(account), ToValue(sid), ToValue(now)});
}

Status SqlTransaction::DeleteDevice(const AccountSid& account, const DeviceSid& sid) {
  return Run("DELETE FROM devices WHERE account_sid = $1 AND sid = $2",
             {ToValue(account), ToValue(sid)});
}

}  // namespace strata::cloud
