// SPDX-License-Identifier: Apache-2.0
// Events of accounts, in the order in which they were committed: the number is the account's, and
// whoever takes one holds the account until the end of its transaction.
#include "strata/core/error.hpp"

#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadEvent takes them.
#define STRATA_EVENT_COLUMNS                                                         \
  "sequence, type, date_us, account_sid, device_sid, app_sid, name, deployment_id, " \
  "error_code, error_op, error_detail, update_state, bytes_staged, bytes_total"

Event ReadEvent(RowReader& row) {
  return {.sequence = row.Number<std::int64_t>(),
          .type = row.Number<EventType>(),
          .time = row.Number<UnixMicros>(),
          .account_sid = row.TakeSid<AccountSid>(),
          .device_sid = row.Optional([](RowReader& r) { return r.TakeSid<DeviceSid>(); }),
          .app_sid = row.Optional([](RowReader& r) { return r.TakeSid<AppSid>(); }),
          .name = row.Optional([](RowReader& r) { return r.Text(); }),
          .deployment_id = row.Optional([](RowReader& r) { return r.Array<16>(); }),
          .error = {.code = row.Number<std::uint32_t>(),
                    .op = row.Number<std::uint32_t>(),
                    .detail = row.Number<std::uint32_t>()},
          .progress = {.state = row.Number<std::uint32_t>(),
                       .bytes_staged = row.Number<std::uint32_t>(),
                       .bytes_total = row.Number<std::uint32_t>()}};
}

Value TypeValue(EventType type) {
  return Value(static_cast<std::int64_t>(type));
}

}  // namespace

Result<ListedRows<Event>> SqlTransaction::ListEvents(const AccountSid& account,
                                                     const ListQuery& query,
                                                     const EventFilter& filter) {
  std::string sql =
      "SELECT 0, sequence, " STRATA_EVENT_COLUMNS " FROM events WHERE account_sid = $1 ";
  Values params = {ToValue(account), ToValue(query.limit)};
  const auto add = [&sql, &params](const char* condition, Value value) {
    params.push_back(std::move(value));
    sql += std::string("AND ") + condition + " $" + std::to_string(params.size()) + " ";
  };
  if (filter.device) {
    add("device_sid =", ToValue(*filter.device));
  }
  if (filter.type) {
    add("type =", TypeValue(*filter.type));
  }
  if (query.position) {
    add(query.newer ? "sequence >" : "sequence <", ToValue(query.position->sequence));
  }
  sql += query.newer ? "ORDER BY sequence LIMIT $2" : "ORDER BY sequence DESC LIMIT $2";
  STRATA_TRY_ASSIGN(const Rows rows, connection_.Query(sql, params));
  return AllRows(rows, ReadEvent);
}

Result<std::int64_t> SqlTransaction::NewestSequence(const AccountSid& account) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT last_sequence FROM accounts WHERE sid = $1", {ToValue(account)}));
  STRATA_TRY_ASSIGN(const std::optional<std::int64_t> newest,
                    OneRow(rows, [](RowReader& row) { return row.Number<std::int64_t>(); }));
  return newest.value_or(0);
}

Result<std::int64_t> SqlTransaction::InsertEvent(const Event& event) {
  if (event.type == EventType::kDeploymentProgress) {
    STRATA_TRY(Run("DELETE FROM events WHERE account_sid = $1 AND device_sid = $2 AND type = $3",
                   {ToValue(event.account_sid), ToValue(event.device_sid), TypeValue(event.type)}));
  }
  const auto keys_op = static_cast<std::uint32_t>(Op::kNewKeys);
  if (event.type == EventType::kDeviceChanged && event.error.op == keys_op) {
    STRATA_TRY(Run(
        "DELETE FROM events WHERE account_sid = $1 AND device_sid = $2 AND type = $3 AND error_op "
        "= $4",
        {ToValue(event.account_sid),
         ToValue(event.device_sid),
         TypeValue(event.type),
         ToValue(keys_op)}));
  }
  STRATA_TRY_ASSIGN(const std::int64_t sequence, NextSequence(event.account_sid));
  STRATA_TRY(Run(
      "INSERT INTO events (account_sid, sequence, type, date_us, device_sid, app_sid, name, "
      "deployment_id, error_code, error_op, error_detail, update_state, bytes_staged, bytes_total"
      ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
      {ToValue(event.account_sid),
       ToValue(sequence),
       TypeValue(event.type),
       ToValue(event.time),
       ToValue(event.device_sid),
       ToValue(event.app_sid),
       ToValue(event.name),
       ToValue(event.deployment_id),
       ToValue(event.error.code),
       ToValue(event.error.op),
       ToValue(event.error.detail),
       ToValue(event.progress.state),
       ToValue(event.progress.bytes_staged),
       ToValue(event.progress.bytes_total)}));
  return sequence;
}

Result<std::optional<Event>> SqlTransaction::FindEvent(const AccountSid& account,
                                                       std::int64_t sequence) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_EVENT_COLUMNS
                                      " FROM events WHERE account_sid = $1 AND sequence = $2",
                                      {ToValue(account), ToValue(sequence)}));
  return OneRow(rows, ReadEvent);
}

Status SqlTransaction::ForgetEvents(UnixMicros before) {
  return Run("DELETE FROM events WHERE date_us < $1", {ToValue(before)});
}

}  // namespace strata::cloud
